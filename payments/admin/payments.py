"""Payments: money and status are read-only, actions call services."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from config.admin import ReadOnly, show_money
from config.admin_dialogs import find_row, lead_to
from config.errors import DomainError
from orders.admin.orders import HistoryInline, LineInline, OrderAdmin, ShipmentInline
from orders.admin.shared import ShownInline

from ..models import Payment, RefundState
from ..services.refunds import request_refund, send_refund
from .events import EventInline
from .refunds import RefundForm, RefundInline
from .shared import PaymentActions


class PaymentInline(ShownInline):
    """The payments of an order, on the order's page."""

    model = Payment
    fk_name = "order"
    show_change_link = True
    fields = readonly_fields = [
        "gateway",
        "status",
        "amount_shown",
        "amount_captured_shown",
        "amount_refunded_shown",
        "method",
        "error",
        "needs_person",
        "created_at",
    ]
    amount_shown = show_money("amount")
    amount_captured_shown = show_money("amount_captured")
    amount_refunded_shown = show_money("amount_refunded")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return request.user.has_perm("payments.view_payment")


OrderAdmin.inlines = [LineInline, ShipmentInline, PaymentInline, HistoryInline]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, PaymentActions):
    list_display = [
        "order",
        "gateway",
        "amount_shown",
        "status",
        "amount_captured_shown",
        "amount_refunded_shown",
        "needs_person",
        "created_at",
    ]
    list_select_related = ["order"]
    list_filter = ["status", "gateway", "created_at"]
    search_fields = ["order__number", "gateway_order_id", "gateway_payment_id", "receipt"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    search_help_text = "An order's number, or an id of the gateway."
    inlines = [RefundInline, EventInline]
    actions_detail = ["ask", "refund", "seen"]
    fieldsets = [
        (None, {"fields": ["order", "status", "needs_person", "error", "created_at"]}),
        (
            "Money",
            {
                "fields": [
                    "amount_shown",
                    "amount_captured_shown",
                    "amount_refunded_shown",
                    "is_surplus",
                ]
            },
        ),
        (
            "Gateway",
            {
                "fields": [
                    "gateway",
                    "method",
                    "gateway_order_id",
                    "gateway_payment_id",
                    "receipt",
                    "next_ask_at",
                ]
            },
        ),
    ]
    readonly_fields = [name for _, options in fieldsets for name in options["fields"]]
    amount_shown = show_money("amount")
    amount_captured_shown = show_money("amount_captured")
    amount_refunded_shown = show_money("amount_refunded")

    @action(
        description="Refund",
        url_path="refund",
        permissions=["refund"],
        dialog={
            "title": "Refund this payment",
            "description": "Never more in sum than was captured. The gateway is asked at once.",
            "form_class": RefundForm,
            "form_submit_text": "Send the money back",
        },
    )
    def refund(self, request: HttpRequest, form: RefundForm, object_id: str) -> HttpResponse:
        try:
            refund = request_refund(
                payment_id=find_row(Payment, object_id).pk,
                amount=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
                requested_by=request.user,
            )
            send_refund(refund_id=refund.pk)
            refund.refresh_from_db()
            is_failed = refund.status == RefundState.FAILED
            level = messages.ERROR if is_failed else messages.SUCCESS
            text = f"The refund of {refund} {refund.error}"
            messages.add_message(request, level, text)
        except DomainError as refusal:
            messages.error(request, f"{refusal.message} {refusal.details or ''}")
        return lead_to("payments_payment_change", object_id)

    def after_action(self, payment: Payment) -> HttpResponse:
        return lead_to("payments_payment_change", payment.pk)

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("payments.add_refund")
