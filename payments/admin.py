"""Staff screens of payments: money and status are read-only, actions call services."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from config.admin import ReadOnly, show_money
from config.errors import DomainError
from orders.admin.orders import HistoryInline, LineInline, OrderAdmin, ShipmentInline
from orders.admin.shared import ShownInline

from .models import GatewayEvent, Payment, Refund, RefundState
from .services.ask import ask_gateway
from .services.events import handle_again
from .services.locked import note_seen
from .services.refunds import request_refund, send_refund


class NeedsPersonFilter(admin.SimpleListFilter):
    title = "needs a person"
    parameter_name = "needs_person"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        match self.value():
            case "yes":
                return queryset.exclude(needs_person="")
            case "no":
                return queryset.filter(needs_person="")
        return queryset


class RefundForm(BaseDialogForm):
    amount = forms.DecimalField(
        required=False,
        min_value=0,
        decimal_places=3,
        help_text="Empty for all that is left.",
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)


class RefundInline(ReadOnly, TabularInline):
    model = Refund
    fields = readonly_fields = [
        "amount_shown",
        "status",
        "reason",
        "requested_by",
        "gateway_refund_id",
        "attempts",
        "error",
        "created_at",
    ]
    amount_shown = show_money("amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("payment", "requested_by")


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
class PaymentAdmin(ReadOnly, ModelAdmin):
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
    list_filter = [NeedsPersonFilter, "status", "gateway"]
    search_fields = ["order__number", "gateway_order_id", "gateway_payment_id", "receipt"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    search_help_text = "An order's number, or an id of the gateway."
    inlines = [RefundInline]
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

    @action(description="Ask the gateway", url_path="ask", permissions=["view"])
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            payment = ask_gateway(payment_id=UUID(object_id))
            messages.success(request, f"The gateway answered: the payment is {payment.status}.")
        except (DomainError, LookupError) as error:
            messages.error(request, f"No answer: {error}")
        return redirect(self._address(object_id))

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
                payment_id=UUID(object_id),
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
        # The dialog is posted by htmx, which follows this header and no redirect.
        return HttpResponse(headers={"HX-Redirect": self._address(object_id)})

    @action(description="Looked at", url_path="seen", permissions=["mark"])
    def seen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        note_seen(payment_id=UUID(object_id))
        messages.success(request, "The payment needs nobody any more.")
        return redirect(self._address(object_id))

    # Unfold looks permissions with a dot up in the database, also before it has tables.
    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("payments.add_refund")

    def has_mark_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("payments.change_payment")

    @staticmethod
    def _address(object_id: str) -> str:
        return reverse("admin:payments_payment_change", args=[object_id])


@admin.register(Refund)
class RefundAdmin(ReadOnly, ModelAdmin):
    """All refunds, whoever asked for them; a new one is made on its payment's page."""

    list_display = [
        "payment",
        "order",
        "amount_shown",
        "status",
        "attempts",
        "error",
        "created_at",
    ]
    list_select_related = ["payment__order", "requested_by"]
    list_filter = ["status", "created_at"]
    search_fields = ["payment__order__number", "gateway_refund_id"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    fields = readonly_fields = [
        "payment",
        "order",
        "amount_shown",
        "status",
        "reason",
        "requested_by",
        "gateway_refund_id",
        "attempts",
        "next_attempt_at",
        "error",
        "created_at",
    ]
    amount_shown = show_money("amount")

    @admin.display(ordering="payment__order__number")
    def order(self, refund: Refund) -> str:
        return refund.payment.order.number


@admin.register(GatewayEvent)
class GatewayEventAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "received_at",
        "gateway",
        "kind",
        "event_id",
        "status",
        "attempts",
        "error",
        "handled_at",
    ]
    list_filter = ["status", "gateway", "kind"]
    search_fields = ["event_id", "body"]
    search_help_text = "An event's id, or an id or a number in its body."
    ordering = ["-received_at", "-id"]
    show_full_result_count = False
    actions_detail = ["handle_once_more"]
    fields = readonly_fields = [
        "gateway",
        "event_id",
        "kind",
        "status",
        "error",
        "attempts",
        "received_at",
        "handled_at",
        "next_attempt_at",
        "body_shown",
    ]

    @admin.display(description="body")
    def body_shown(self, event: GatewayEvent) -> str:
        try:
            text = json.dumps(json.loads(event.body), indent=2, ensure_ascii=False)
        except ValueError:
            text = event.body
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)

    @action(
        description="Handle again",
        url_path="handle",
        permissions=["handle"],
    )
    def handle_once_more(self, request: HttpRequest, object_id: str) -> HttpResponse:
        handle_again(event_id=int(object_id))
        event = GatewayEvent.objects.get(pk=object_id)
        messages.info(request, f"The event is {event.status}. {event.error}")
        return redirect(reverse("admin:payments_gatewayevent_change", args=[object_id]))

    def has_handle_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("payments.change_gatewayevent")
