"""The feed of everything that happened, for integrators that would rather pull."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from carts.permissions import StaffMay

from ..models import EventRecord
from ..serializers.events import (
    EventSerializer,
    FeedQuerySerializer,
    FeedSerializer,
    make_cursor,
)
from ..services.feed import number_events, read_feed


class FeedView(GenericAPIView):
    queryset = EventRecord.objects.none()
    serializer_class = FeedSerializer
    permission_classes = [StaffMay]
    pagination_class = None
    filter_backends = []

    @extend_schema(
        summary="Read the feed of events",
        parameters=[FeedQuerySerializer],
        responses=FeedSerializer,
        description=(
            "Oldest first, for staff who may view events. Begin without `after`, go on with what "
            "`next` gives: no event is skipped, however its transaction commits, and none comes "
            "twice. A new product is told by its first `product.updated`. Events are kept for "
            "90 days, unless the shop sets another time."
        ),
    )
    def get(self, request: Request) -> Response:
        given = {name: value for name, value in request.query_params.items() if value}
        query = FeedQuerySerializer(data=given)
        query.is_valid(raise_exception=True)
        after = query.validated_data.get("after", 0)
        number_events()  # so that the feed is fresh also where no worker runs
        events = read_feed(
            after=after,
            event_type=query.validated_data.get("type"),
            limit=query.validated_data["limit"],
        )
        place = events[-1].position if events else after
        return Response(
            {"results": EventSerializer(events, many=True).data, "next": make_cursor(place)}
        )
