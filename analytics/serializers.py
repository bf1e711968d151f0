from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

MAX_DAYS = 3660
MAX_ID = 2**63 - 1
EVENTS = ["view", "click", "search"]


class EventSerializer(serializers.Serializer):
    """A `view` names its product, a `search` its query, a `click` on a match both or either.

    Send a `search` only for what this server did not answer itself: those it counts already.
    """

    type = serializers.ChoiceField(choices=EVENTS)
    product = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    query = serializers.CharField(required=False, max_length=1000)
    position = serializers.IntegerField(required=False, min_value=0, max_value=100_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = {"view": "product", "search": "query"}.get(attrs["type"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: f"A {attrs['type']} names its {needed}."})
        return attrs


class DaysSerializer(serializers.Serializer):
    """The days of a report, both bounds included: by dates, or the last `days` until `end_date`."""

    start_date = serializers.DateField(required=False)
    end_date = serializers.DateField(required=False)
    days = serializers.IntegerField(required=False, min_value=1, max_value=MAX_DAYS, default=30)

    def validate(self, attrs: dict[str, Any]) -> dict[str, date]:
        end = attrs.get("end_date") or timezone.localdate()
        if not 2000 <= end.year <= 2999:
            raise serializers.ValidationError({"end_date": "Give a day from 2000 to 2999."})
        start = attrs.get("start_date") or end - timedelta(days=attrs["days"] - 1)
        if start > end:
            raise serializers.ValidationError({"start_date": "It lies after the end."})
        return {"start_date": start, "end_date": end}


class QueryFiguresSerializer(serializers.Serializer):
    """`click_through` is clicks for each search."""

    query = serializers.CharField()
    searches = serializers.IntegerField()
    without_results = serializers.IntegerField(help_text="Of the searches.")
    clicks = serializers.IntegerField()
    click_through = serializers.FloatField()


class EmptyQuerySerializer(serializers.Serializer):
    query = serializers.CharField()
    searches = serializers.IntegerField(help_text="Those that found nothing.")


class SearchTotalsSerializer(serializers.Serializer):
    searches = serializers.IntegerField()
    different_queries = serializers.IntegerField()
    without_results = serializers.IntegerField()
    clicks = serializers.IntegerField()
    click_through = serializers.FloatField()


class SearchFiguresSerializer(serializers.Serializer):
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    totals = SearchTotalsSerializer()
    top_queries = QueryFiguresSerializer(many=True)
    without_results = EmptyQuerySerializer(many=True)
