"""Staff screens of payments: money and status are read-only, actions call services."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from config.errors import DomainError

from .models import GatewayEvent, Payment, Refund, RefundState
from .services.ask import ask_gateway
from .services.events import handle_again
from .services.locked import note_seen
from .services.refunds import request_refund, send_refund


class ReadOnly:
    """Rows that services alone change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False


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
        "amount",
        "status",
        "reason",
        "requested_by",
        "gateway_refund_id",
        "attempts",
        "error",
        "created_at",
    ]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "order",
        "gateway",
        "amount",
        "currency",
        "status",
        "amount_captured",
        "amount_refunded",
        "needs_person",
        "created_at",
    ]
    list_select_related = ["order"]
    list_filter = [NeedsPersonFilter, "status", "gateway"]
    search_fields = ["order__number", "gateway_order_id", "gateway_payment_id", "receipt"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    inlines = [RefundInline]
    actions_detail = ["ask", "refund", "seen"]

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
            text = f"The refund of {refund.amount} is {refund.status}. {refund.error}"
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
    ordering = ["-received_at", "-id"]
    show_full_result_count = False
    actions_detail = ["handle_once_more"]

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
