from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.rights import staff_may
from config.errors import InvalidInput

from ..filters import filter_alerts, filter_movements
from ..models import MovementKind, Product, StockAlert, StockMovement, Variant
from ..permissions import HandlesAlerts, RecordsStock, sells
from ..serializers.inventory import (
    AlertSerializer,
    RecordTransactionSerializer,
    TransactionSerializer,
)
from ..services.alerts import acknowledge_alert
from ..services.stock import record_movement

FILTERS = [
    OpenApiParameter("variant", OpenApiTypes.INT),
    OpenApiParameter("product", OpenApiTypes.STR, description="Id or slug."),
    OpenApiParameter("type", OpenApiTypes.STR, enum=MovementKind.values),
    OpenApiParameter("created_after", OpenApiTypes.DATETIME),
    OpenApiParameter("created_before", OpenApiTypes.DATETIME),
]

ALERT_FILTERS = [
    OpenApiParameter("open", OpenApiTypes.BOOL),
    OpenApiParameter("acknowledged", OpenApiTypes.BOOL),
    OpenApiParameter("variant", OpenApiTypes.INT),
]


@extend_schema(tags=["inventory"])
class TransactionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """The ledger of stock: read and added to, never changed."""

    queryset = StockMovement.objects.none()
    serializer_class = TransactionSerializer
    permission_classes = [RecordsStock]
    filter_backends = []

    def get_queryset(self) -> QuerySet[StockMovement]:
        user = self.request.user
        rows = StockMovement.objects.select_related("variant").order_by("-created_at", "-pk")
        if not staff_may(user, "catalog.view_stockmovement"):
            rows = rows.filter(variant__product__seller__user=user)
        return filter_movements(rows, self.request.query_params)

    @extend_schema(parameters=FILTERS)
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(request=RecordTransactionSerializer, responses={201: TransactionSerializer})
    def create(self, request: Request) -> Response:
        body = RecordTransactionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        row = record_movement(
            variant_id=self._variant(fields).pk,
            kind=fields["transaction_type"],
            quantity=fields["quantity"],
            recorded_by=request.user,
            reference=fields.get("reference", ""),
            notes=fields.get("notes", ""),
        )
        location = request.build_absolute_uri(reverse("inventory-transaction", args=[row.pk]))
        shown = TransactionSerializer(row, context=self.get_serializer_context()).data
        return Response(shown, status.HTTP_201_CREATED, headers={"Location": location})

    def _variant(self, fields: dict[str, int]) -> Variant:
        """Return the variant that the body names, or the only one of the product it names."""
        given = "variant" if "variant" in fields else "product"
        column = "pk" if given == "variant" else "product_id"
        unarchived = Variant.objects.filter(archived_at=None, product__archived_at=None)
        named = unarchived.filter(**{column: fields[given]})
        found = list(named.select_related("product__seller")[:2])
        if len(found) > 1:
            raise InvalidInput(product="The product has several variants. Name the variant.")
        is_own = bool(found) and self._manages(found[0].product)
        if not is_own and not (found and found[0].product.is_active):  # hidden is as if not there
            raise InvalidInput(**{given: f"There is no such {given}."})
        if not is_own:
            raise PermissionDenied("This is another seller's.")
        return found[0]

    def _manages(self, product: Product) -> bool:
        user = self.request.user
        return staff_may(user, "catalog.add_stockmovement") or sells(user, product)


@extend_schema(tags=["inventory"])
class AlertViewSet(mixins.ListModelMixin, GenericViewSet):
    """Variants that are sold and at or under their threshold, and those that were."""

    queryset = StockAlert.objects.none()
    serializer_class = AlertSerializer
    permission_classes = [HandlesAlerts]
    filter_backends = []

    def get_queryset(self) -> QuerySet[StockAlert]:
        rows = StockAlert.objects.select_related("variant__product", "variant__stock")
        return filter_alerts(rows.order_by("-created_at", "-pk"), self.request.query_params)

    @extend_schema(parameters=ALERT_FILTERS)
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(request=None, responses=AlertSerializer)
    def acknowledge(self, request: Request, pk: int) -> Response:
        """Note that somebody takes care; a second time changes nothing."""
        acknowledge_alert(alert_id=pk, actor=request.user)
        alert = StockAlert.objects.select_related("variant__product", "variant__stock").get(pk=pk)
        return Response(self.get_serializer(alert).data)
