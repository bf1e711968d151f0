from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.services.queries import searches

from .permissions import MaySeeSearches
from .selectors import search_figures
from .serializers import DaysSerializer, EventSerializer, SearchFiguresSerializer
from .services import record_events

MAX_EVENTS = 100


@extend_schema(tags=["analytics"])
class EventsView(APIView):
    """What a frontend saw people do; counted in memory and written seconds later."""

    permission_classes = [AllowAny]

    @extend_schema(request=EventSerializer(many=True), responses={202: None})
    def post(self, request: Request) -> Response:
        body = EventSerializer(data=request.data, many=True, max_length=MAX_EVENTS)
        body.is_valid(raise_exception=True)
        record_events(events=body.validated_data)
        return Response(status=status.HTTP_202_ACCEPTED)


@extend_schema(tags=["analytics"])
class SearchFiguresView(APIView):
    """What people searched: the most frequent queries, those in vain, and the clicks."""

    permission_classes = [MaySeeSearches]

    @extend_schema(parameters=[DaysSerializer], responses=SearchFiguresSerializer)
    def get(self, request: Request) -> Response:
        days = DaysSerializer(data=request.query_params)
        days.is_valid(raise_exception=True)
        searches.write()  # what this process counted in the last seconds
        start, end = days.validated_data["start_date"], days.validated_data["end_date"]
        figures = {"start_date": start, "end_date": end} | search_figures(start, end)
        return Response(SearchFiguresSerializer(figures).data)
