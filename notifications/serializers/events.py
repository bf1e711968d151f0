"""The feed: what a reader asks for, and what it gets."""

from typing import Any

from django.core import signing
from rest_framework import serializers

from ..models import EventRecord, EventType

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
_SALT = "notifications.feed"


def make_cursor(position: int) -> str:
    return signing.dumps(position, salt=_SALT)


class CursorField(serializers.CharField):
    """A place in the feed, as `next` gave it."""

    default_error_messages = {"invalid": "Give what `next` gave, or nothing to begin."}

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401
        text = super().to_internal_value(data)
        try:
            position = signing.loads(text, salt=_SALT)
        except (signing.BadSignature, ValueError):
            self.fail("invalid")
        return position


class LimitField(serializers.IntegerField):
    """Over the most is the most, as with pages."""

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401
        return min(super().to_internal_value(data), MAX_LIMIT)


class FeedQuerySerializer(serializers.Serializer):
    after = CursorField(required=False, help_text="`next` of the answer before; empty to begin.")
    type = serializers.ChoiceField(EventType.choices, required=False, help_text="This type alone.")
    limit = LimitField(
        min_value=1,
        default=DEFAULT_LIMIT,
        help_text=f"Rows: {DEFAULT_LIMIT}, at most {MAX_LIMIT}; more is taken as the most.",
    )


class EventSerializer(serializers.ModelSerializer):
    """An event as `EventRecord.payload` shows it."""

    id = serializers.UUIDField(source="event_id")
    data = serializers.DictField(help_text="Ids, states and amounts of what it happened to.")

    class Meta:
        model = EventRecord
        fields = ["id", "type", "created_at", "data"]

    def to_representation(self, instance: EventRecord) -> dict[str, Any]:
        return instance.payload


class FeedSerializer(serializers.Serializer):
    results = EventSerializer(many=True)
    next = serializers.CharField(help_text="`after` of the next call, also where nothing is left.")
