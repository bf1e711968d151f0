"""The HTTP side of returns."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.idempotency import idempotent

from ..filters import ReturnFilter
from ..models import Order, ReturnRequest
from ..permissions import IsUserOrHoldsToken, MayChangeOrders
from ..serializers.returns import (
    ApproveReturnSerializer,
    RejectReturnSerializer,
    RequestReturnSerializer,
    ReturnSerializer,
)
from ..services.access import find_order, is_owner
from ..services.moves import Actor
from ..services.returning import Wish, approve_return, reject_return, request_return

TOKEN = OpenApiParameter("token", description="A guest's `access_token`: stands for the owner.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="Up to 255 characters; the same key and body ask for one return.",
)
GUESTS_TOO = {"auth": [{"jwtAuth": []}, {}]}


@extend_schema_view(
    list=extend_schema(
        summary="List returns",
        description="Of own orders; staff get all. A guest sends `order` and its token.",
        parameters=[TOKEN],
        **GUESTS_TOO,
    ),
    retrieve=extend_schema(summary="Get a return", parameters=[TOKEN], **GUESTS_TOO),
)
class ReturnViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = ReturnRequest.objects.none()  # names the model to the schema
    serializer_class = ReturnSerializer
    filterset_class = ReturnFilter
    lookup_value_converter = "uuid"
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[ReturnRequest]:
        rows, user = ReturnRequest.objects.with_lines(), self.request.user
        held = self._held_order()
        if held is not None:
            return rows.filter(order=held)
        return rows.visible_to(user) if user.is_authenticated else rows.none()

    def get_permissions(self) -> list[BasePermission]:
        decides = self.action in {"approve", "reject"}
        return [MayChangeOrders() if decides else IsUserOrHoldsToken()]

    @extend_schema(
        summary="Ask to send pieces back",
        parameters=[KEY, TOKEN],
        request=RequestReturnSerializer,
        responses={201: ReturnSerializer},
        description=(
            "Of a delivered order, until its `return_until`; else 409 `invalid_transition`. More "
            "pieces than were delivered and not sent back yet are 400 on `items`."
        ),
        **GUESTS_TOO,
    )
    def create(self, request: Request) -> Response:
        body = RequestReturnSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        order = find_order(request.user, self._token(), body.validated_data["order"])
        is_own = is_owner(request.user, self._token(), order)
        if not is_own and not MayChangeOrders().has_permission(request, self):
            raise PermissionDenied()
        wishes = [
            Wish(row["item"], row["quantity"], row["reason"])
            for row in body.validated_data["items"]
        ]

        def work() -> Response:
            actor = Actor.of(request.user)
            made = request_return(order_id=order.pk, actor=actor, wishes=wishes)
            response = self._answer(made)
            response.status_code = status.HTTP_201_CREATED
            address = reverse("return-detail", kwargs={"pk": made.pk}, request=request)
            response["Location"] = address
            return response

        user = request.user
        scope = f"user:{user.pk}" if user.is_authenticated else f"order:{order.pk}"
        return idempotent(request, scope=scope, work=work)

    @extend_schema(
        summary="Approve a return",
        request=ApproveReturnSerializer,
        responses=ReturnSerializer,
        description=(
            "For staff who may change orders. What was paid for the pieces goes back, the "
            "shipping only if asked for; a second decision is 409 `invalid_transition`."
        ),
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        body = ApproveReturnSerializer(data=request.data)
        found = self.get_object()
        body.is_valid(raise_exception=True)
        actor = Actor.of(request.user)
        return self._answer(approve_return(return_id=found.pk, actor=actor, **body.validated_data))

    @extend_schema(
        summary="Reject a return",
        request=RejectReturnSerializer,
        responses=ReturnSerializer,
        description="For staff who may change orders; the customer reads the note.",
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        body = RejectReturnSerializer(data=request.data)
        found = self.get_object()
        body.is_valid(raise_exception=True)
        actor = Actor.of(request.user)
        return self._answer(reject_return(return_id=found.pk, actor=actor, **body.validated_data))

    def _answer(self, made: ReturnRequest) -> Response:
        return Response(self.get_serializer(made).data)

    def _token(self) -> str:
        return self.request.query_params.get("token", "")

    def _held_order(self) -> Order | None:
        """Return the order that the token stands for: the return's own, or the one asked for."""
        if not self._token():
            return None
        if pk := self.kwargs.get("pk"):
            order = Order.objects.filter(returns=pk).first()
        else:
            order = Order.objects.named(self.request.query_params.get("order", "")).first()
        return order if order and is_owner(None, self._token(), order) else None
