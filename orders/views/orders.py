"""The HTTP side of orders."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle

from accounts.rights import staff_may
from carts.headers import caller_of, parse_id
from carts.services.access import find_cart
from config.idempotency import idempotent
from config.throttles import CheckoutThrottle

from ..filters import OrderFilter
from ..models import SHOWN, Order
from ..permissions import IsUserOrHoldsToken, MayChangeOrders, MayCheckOut
from ..serializers import (
    CancelOrderSerializer,
    EditOrderSerializer,
    HistorySerializer,
    OrderSerializer,
    PlacedOrderSerializer,
    PlaceOrderSerializer,
)
from ..services.access import find_order, is_owner, token_of
from ..services.editing import edit_order
from ..services.lifecycle import Actor, cancel_order
from ..services.placing import place_order

TOKEN = OpenApiParameter("token", description="A guest's `access_token`: stands for the owner.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="Up to 255 characters; the same key and body place one order.",
)
CART = OpenApiParameter(
    "X-Cart-ID", location=OpenApiParameter.HEADER, description="A guest's cart."
)
GUESTS_TOO: Any = [{"jwtAuth": []}, {}]
EDITING: dict[str, Any] = {
    "request": EditOrderSerializer,
    "responses": OrderSerializer,
    "description": (
        "For staff who may change orders. A status that does not follow, or an address after the "
        "first shipment, is 409 `invalid_transition`."
    ),
}


@extend_schema_view(
    list=extend_schema(
        summary="List orders", description="Own orders; staff who may view orders get all."
    )
)
class OrderViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = Order.objects.none()  # names the model to the schema
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    lookup_value_regex = "[^/]+"
    lookup_url_kwarg = "id"
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.request.user).with_lines()

    def get_permissions(self) -> list[BasePermission]:
        by_action: dict[str, type[BasePermission]] = {
            "create": MayCheckOut,
            "retrieve": IsUserOrHoldsToken,
            "history": IsUserOrHoldsToken,
            "cancel": IsUserOrHoldsToken,
            "partial_update": MayChangeOrders,
            "change_status": MayChangeOrders,
        }
        return [by_action.get(self.action, IsAuthenticated)()]

    def get_throttles(self) -> list[BaseThrottle]:
        throttles = super().get_throttles()
        return [*throttles, CheckoutThrottle()] if self.action == "create" else throttles

    @extend_schema(
        summary="Place an order",
        parameters=[KEY, CART],
        auth=GUESTS_TOO,
        request=PlaceOrderSerializer,
        responses={201: PlacedOrderSerializer},
        description=(
            "Turns the cart into an order in one transaction. 409 and nothing taken: "
            "`cart_empty`; `insufficient_stock`, with all short lines; `coupon_unavailable`, with "
            "the reason (a code that a better offer beats is `refused`); `price_changed`, with the "
            "totals as they are now, where `expected_total` differs; `idempotency_key_reused`; "
            "`request_in_progress`."
        ),
    )
    def create(self, request: Request) -> Response:
        user = request.user if request.user.is_authenticated else None
        cart_id = find_cart_id(request)

        def work() -> Response:
            body = PlaceOrderSerializer(data=request.data, context=self.get_serializer_context())
            body.is_valid(raise_exception=True)
            order = place_order(cart_id=cart_id, user=user, **body.validated_data)
            return self._created(order)

        if user is None and cart_id is None:
            return work()  # there is nothing to order, and nobody whose key it could be
        return idempotent(
            request,
            scope=f"user:{user.pk}" if user else f"cart:{cart_id}",
            work=work,
            secrets=None if user else self._secrets,
            secret_fields=("access_token",),
        )

    @extend_schema(summary="Get an order by id or number", parameters=[TOKEN], auth=GUESTS_TOO)
    def retrieve(self, request: Request, id: str) -> Response:
        return self._answer(self._find())

    @extend_schema(summary="Change an order", **EDITING)
    def partial_update(self, request: Request, id: str) -> Response:
        return self._edit(request)

    @extend_schema(summary="Move an order on", **EDITING)
    @action(detail=True, methods=["post"], url_path="status")
    def change_status(self, request: Request, id: str) -> Response:
        return self._edit(request)

    @extend_schema(
        summary="Cancel an order",
        parameters=[TOKEN],
        auth=GUESTS_TOO,
        request=CancelOrderSerializer,
        responses=OrderSerializer,
        description=(
            "Until the first shipment: stock comes back, and what was paid is refunded. Then, and "
            "the second time, 409 `invalid_transition`."
        ),
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        order = self._find()
        is_own = is_owner(request.user, self._token(), order)
        if not is_own and not MayChangeOrders().has_permission(request, self):
            raise PermissionDenied()
        body = CancelOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        reason = body.validated_data.get("reason") or ""
        actor = Actor.of(request.user)
        return self._answer(cancel_order(order_id=order.pk, actor=actor, reason=reason))

    @extend_schema(
        summary="What happened to an order",
        parameters=[TOKEN],
        auth=GUESTS_TOO,
        responses=HistorySerializer(many=True),
        description="Oldest first. Names of staff and their notes are for staff.",
        filters=False,
    )
    @action(detail=True, filter_backends=[])
    def history(self, request: Request, id: str) -> Response:
        rows = self._find().history.select_related("actor").order_by("created_at", "id")
        user = request.user
        names_staff = staff_may(user, "orders.view_order")
        context = self.get_serializer_context() | {"names_staff": names_staff}
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(HistorySerializer(page, many=True, context=context).data)

    def _token(self) -> str:
        return self.request.query_params.get("token", "")

    def _find(self) -> Order:
        return find_order(self.request.user, self._token(), self.kwargs["id"])

    def _edit(self, request: Request) -> Response:
        order = self._find()
        body = EditOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(body.validated_data)
        to_status = changes.pop("status", None)
        actor = Actor.of(request.user)
        return self._answer(
            edit_order(order_id=order.pk, actor=actor, to_status=to_status, **changes)
        )

    def _answer(self, order: Order) -> Response:
        prefetch_related_objects([order], *SHOWN)
        return Response(self.get_serializer(order).data)

    def _created(self, order: Order) -> Response:
        response = self._answer(order)
        response.status_code = status.HTTP_201_CREATED
        address = reverse("order-detail", kwargs={"id": order.pk}, request=self.request)
        response["Location"] = address
        if order.user_id is None:
            response.data["access_token"] = token_of(order)
        return response

    @staticmethod
    def _secrets(body: dict[str, Any]) -> dict[str, str]:
        return {"access_token": token_of(Order(pk=body["id"]))}


def find_cart_id(request: Request) -> UUID | None:
    """Return the id of the cart that the body, the header or the cookie names, if it lives.

    A user's own needs no name.
    """
    named = request.data.get("cart_id") if isinstance(request.data, dict) else None
    caller = caller_of(request, cart_id=parse_id(str(named)))
    if caller.user and not caller.named_id:
        return None
    cart = find_cart(caller)
    return cart.pk if cart else None
