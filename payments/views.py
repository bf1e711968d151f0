"""Payments over HTTP: start, verify, look at, refund."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.rights import staff_may
from config.errors import InvalidInput
from config.idempotency import idempotent, key_hash_of
from config.throttles import CheckoutThrottle
from orders.models import Order
from orders.permissions import IsUserOrHoldsToken
from orders.services.access import find_order, is_owner

from .errors import GatewayError
from .filters import PaymentFilter
from .gateways import gateway_for
from .models import Payment, RefundState, SavedMethod
from .permissions import MayCollect, MayRefund
from .serializers import (
    InitiatedPaymentSerializer,
    InitiatePaymentSerializer,
    PaymentSerializer,
    PaymentStatusSerializer,
    RefundRequestSerializer,
    RequestedRefundSerializer,
    VerifiedPaymentSerializer,
    VerifyPaymentSerializer,
)
from .services.ask import ask_gateway
from .services.checkout import checkout_block
from .services.collect import collect_payment
from .services.initiate import Started, initiate_payment
from .services.refunds import request_refund, send_refund
from .services.verify import find_signed, verify_signed

TOKEN = OpenApiParameter("token", description="A guest's `access_token`: stands for the owner.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="Up to 255 characters; the same key and body do the work once.",
)


def find_own_order(request: Request, id_or_number: str) -> Order:
    """Return the caller's order; whoever may only look at it is refused."""
    token = request.query_params.get("token", "")
    order = find_order(request.user, token, id_or_number)
    if not is_owner(request.user, token, order):
        raise PermissionDenied()
    return order


def scope_of(request: Request, order: Order) -> str:
    """Name the caller of an idempotent request."""
    user = request.user
    return f"user:{user.pk}" if user.is_authenticated else f"order:{order.pk}"


def own_method(request: Request, method_id: UUID | None) -> SavedMethod | None:
    """Return the caller's saved card, if one is named, or refuse the field."""
    if method_id is None:
        return None
    user = request.user
    own = SavedMethod.objects.filter(user=user) if user.is_authenticated else None
    method = own.filter(pk=method_id).first() if own is not None else None
    if method is None:
        raise InvalidInput(payment_method_id="You have no such saved card.")
    return method


class InitiatePaymentView(APIView):
    permission_classes = [IsUserOrHoldsToken]

    def get_throttles(self) -> list[BaseThrottle]:
        return [*super().get_throttles(), CheckoutThrottle()]

    @extend_schema(
        summary="Start a payment",
        parameters=[TOKEN, KEY],
        request=InitiatePaymentSerializer,
        responses={200: InitiatedPaymentSerializer, 201: InitiatedPaymentSerializer},
        description=(
            "201 with a new payment, 200 with the one that is open. 409 `already_paid`, "
            "`invalid_transition` where the order is cancelled or expired, `request_in_progress` "
            "while another call talks to the gateway; 502 `gateway_error` where it does not "
            "answer: the order can be paid later. A payment that is open with a saved card of "
            "somebody else is closed, and a new one begun. Who pays an own order through Razorpay "
            "is named there as a customer: its Checkout shows the cards of this customer and may "
            "save one."
        ),
    )
    def post(self, request: Request) -> Response:
        body = InitiatePaymentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        order = find_own_order(request, body.validated_data["order_id"])
        method = own_method(request, body.validated_data["payment_method_id"])
        scope = scope_of(request, order)

        def work() -> Response:
            started = initiate_payment(
                order_id=order.pk,
                gateway_id=body.validated_data["gateway"],
                idempotency_key=key_hash_of(request, scope),
                saved_method=method,
                payer=request.user if request.user.is_authenticated else None,
            )
            block = checkout_block(payment=started.payment, payer=request.user)
            return self._answer(request, started, block)

        return idempotent(
            request,
            scope,
            work,
            secrets=self._blocks_again,
            secret_fields=("stripe",),
            in_transaction=False,
        )

    @staticmethod
    def _blocks_again(kept: dict[str, Any]) -> dict[str, Any]:
        """Fetch what was not stored of an answer, because it holds the secret of a payment."""
        if kept["gateway"] != "stripe":
            return {}
        payment = Payment.objects.get(pk=kept["payment_id"])
        return {"stripe": gateway_for(payment.gateway).browser_block(payment)}

    @staticmethod
    def _answer(request: Request, started: Started, block: dict[str, Any] | None) -> Response:
        payment = started.payment
        data = dict(InitiatedPaymentSerializer(payment).data)
        if block:
            data[payment.gateway] = block
        if not started.is_new:
            return Response(data)
        location = reverse("payment-detail", kwargs={"id": payment.pk}, request=request)
        return Response(data, status.HTTP_201_CREATED, headers={"Location": location})


class VerifyPaymentView(APIView):
    permission_classes = [IsUserOrHoldsToken]

    @extend_schema(
        summary="Verify a payment",
        parameters=[TOKEN],
        request=VerifyPaymentSerializer,
        responses=VerifiedPaymentSerializer,
        description=(
            "By what Checkout signed, or by `payment_id` alone: either way the gateway is asked. "
            "400 `signature_invalid` changes nothing; 502 `gateway_error` can be tried again."
        ),
    )
    def post(self, request: Request) -> Response:
        body = VerifyPaymentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        payment = self._verify(request, body.validated_data)
        payment.order.refresh_from_db()
        return Response(VerifiedPaymentSerializer(payment).data)

    @staticmethod
    def _verify(request: Request, given: dict[str, Any]) -> Payment:
        if "payment_id" in given:
            payment = get_object_or_404(Payment, pk=given["payment_id"])
            find_own_order(request, str(payment.order_id))
            return ask_gateway(payment_id=payment.pk)
        payment = find_signed(given["razorpay_order_id"])
        find_own_order(request, str(payment.order_id))
        return verify_signed(
            payment=payment,
            gateway_payment_id=given["razorpay_payment_id"],
            signature=given["razorpay_signature"],
        )


class ReturnView(APIView):
    """Where gateways send the browser back to; what it brings along is not looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(exclude=True)
    def get(self, request: Request, id: UUID) -> HttpResponse:
        return self._ask_and_redirect(id)

    @extend_schema(exclude=True)
    def post(self, request: Request, id: UUID) -> HttpResponse:
        return self._ask_and_redirect(id)

    @staticmethod
    def _ask_and_redirect(payment_id: UUID) -> HttpResponse:
        payment = get_object_or_404(Payment.objects.select_related("order"), pk=payment_id)
        if not payment.is_captured:
            with suppress(GatewayError):  # a webhook or a worker settles it later
                ask_gateway(payment_id=payment.pk)
        path = settings.FRONTEND_ORDER_PATH.format(number=payment.order.number)
        response = HttpResponse(status=status.HTTP_303_SEE_OTHER)
        response["Location"] = f"{settings.FRONTEND_URL}{path}?payment={payment.pk}"
        return response


@extend_schema_view(
    list=extend_schema(
        summary="List payments",
        description="Payments of own orders; staff who may view payments get all.",
    ),
    retrieve=extend_schema(summary="Get a payment"),
)
class PaymentViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Payment.objects.none()
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Payment]:
        rows = Payment.objects.visible_to(self.request.user)
        return rows.prefetch_related("refunds").order_by("-created_at", "-pk")

    def get_permissions(self) -> list[BasePermission]:
        if self.action == "refund":
            return [IsAuthenticated(), MayRefund()]
        if self.action == "collect":
            return [IsAuthenticated(), MayCollect()]
        return [IsAuthenticated()]

    @extend_schema(
        summary="Collect cash on delivery",
        request=None,
        responses=PaymentSerializer,
        description=(
            "For staff who may change payments: the cash is there, and the order is paid. "
            "409 `already_paid` the second time, `invalid_transition` where there is no cash."
        ),
    )
    @action(detail=True, methods=["post"])
    def collect(self, request: Request, id: UUID) -> Response:
        get_object_or_404(Payment, pk=id)
        payment = collect_payment(payment_id=id)
        return Response(self.get_serializer(payment).data)

    @extend_schema(
        summary="Refund a payment",
        parameters=[KEY],
        request=RefundRequestSerializer,
        responses={
            201: OpenApiResponse(
                RequestedRefundSerializer, "Sent, or on its way where the gateway is silent."
            )
        },
        description=(
            "For staff who may add refunds; without an amount all that is left. Never more in sum "
            "than was captured. 502 `gateway_error` where the gateway refuses: try again."
        ),
    )
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, id: UUID) -> Response:
        payment = get_object_or_404(Payment, pk=id)
        body = RefundRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        scope = f"user:{request.user.pk}"

        def work() -> Response:
            refund = request_refund(
                payment_id=payment.pk,
                requested_by=request.user,
                idempotency_key=key_hash_of(request, scope),
                **body.validated_data,
            )
            send_refund(refund_id=refund.pk)
            refund.refresh_from_db()
            if refund.status == RefundState.FAILED:
                raise GatewayError(refund.error)
            location = reverse("payment-detail", kwargs={"id": payment.pk}, request=request)
            data = RequestedRefundSerializer(refund).data
            return Response(data, status.HTTP_201_CREATED, headers={"Location": location})

        return idempotent(request, scope, work, in_transaction=False)


class PaymentStatusView(APIView):
    permission_classes = [IsUserOrHoldsToken]

    @extend_schema(
        summary="How an order stands with its money",
        description="`payment` is null for staff who may view orders and no payments.",
        parameters=[TOKEN],
        responses=PaymentStatusSerializer,
    )
    def get(self, request: Request, order_id: str) -> Response:
        user, token = request.user, request.query_params.get("token", "")
        order = find_order(user, token, order_id)
        is_shown = is_owner(user, token, order) or staff_may(user, "payments.view_payment")
        return Response(PaymentStatusSerializer(order, context={"shows_payment": is_shown}).data)
