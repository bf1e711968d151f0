"""What sellers sold."""

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView

from accounts.rights import staff_may

from ..filters import SaleFilter
from ..models import OrderLine
from ..permissions import SeesSales
from ..serializers.sales import SaleSerializer


@extend_schema(
    summary="List sales",
    description="Lines of orders with own products, newest first; staff who see orders get all.",
    tags=["orders"],
)
class SalesView(ListAPIView):
    queryset = OrderLine.objects.none()  # names the model to the schema
    serializer_class = SaleSerializer
    permission_classes = [SeesSales]
    filterset_class = SaleFilter

    def get_queryset(self) -> QuerySet[OrderLine]:
        user = self.request.user
        sees_all = staff_may(user, "orders.view_order")
        lines = OrderLine.objects.all() if sees_all else OrderLine.objects.sold_by(user)
        placed = lines.annotate(created_at=F("order__created_at"))
        return placed.select_related("order").order_by("-created_at", "-pk")
