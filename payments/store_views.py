"""The store as a frontend sees it; it stands here because it names the gateways."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.views.conditional import ConditionalReads

from .selectors import describe_store
from .serializers import StoreSerializer


class StoreView(ConditionalReads, APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        summary="Describe the store",
        responses=StoreSerializer,
        description=(
            "What a frontend needs before it shows anything. `gateways` are those that the shop "
            "has keys for, and cash on delivery; which of them an order takes is told by the "
            "preview. `states` has the countries whose states are coded."
        ),
    )
    def get(self, request: Request) -> Response:
        return Response(describe_store())
