"""The inbox: what gateways told by webhook, what became of it, and who was refused."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from config.admin import ReadOnly
from config.admin_dialogs import find_row, lead_to, link_to
from config.errors import DomainError
from orders.admin.shared import ShownInline

from ..models import EventState, GatewayEvent, Signature
from ..services.events import handle_again, queue_again

_COLOURS = {
    EventState.HANDLED.label: "success",
    EventState.FAILED.label: "danger",
    EventState.REFUSED.label: "warning",
    EventState.RECEIVED.label: "info",
}
_SIGNATURES = {
    Signature.VALID.label: "success",
    Signature.INVALID.label: "danger",
    Signature.MISSING.label: "danger",
}


class EventInline(ShownInline):
    """What the gateway told of a payment, on the payment's page."""

    model = GatewayEvent
    show_change_link = True
    verbose_name_plural = "What the gateway told"
    fields = readonly_fields = ["received_at", "kind", "status", "attempts", "error"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        return super().get_queryset(request).defer("body")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("payments.view_gatewayevent")


@admin.register(GatewayEvent)
class GatewayEventAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "received_at",
        "gateway",
        "kind_shown",
        "signature_shown",
        "status_shown",
        "attempts",
        "payment_shown",
        "error_shown",
    ]
    list_select_related = ["payment__order"]
    list_filter = ["status", "signature", "gateway", "received_at", "kind"]
    search_fields = ["event_id", "payment__order__number", "body"]
    search_help_text = "An order's number, an event's id, or an id in its body."
    ordering = ["-received_at", "-id"]
    show_full_result_count = False
    actions = ["queue_once_more"]
    actions_detail = ["handle_once_more"]
    fieldsets = [
        (None, {"fields": ["gateway", "kind", "event_id", "payment_shown"]}),
        ("Delivery", {"fields": ["signature", "deliveries", "received_at", "last_received_at"]}),
        (
            "Handling",
            {"fields": ["status", "error", "attempts", "handled_at", "next_attempt_shown"]},
        ),
        ("Body", {"fields": ["body_shown"]}),
    ]
    readonly_fields = [name for _, options in fieldsets for name in options["fields"]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        return super().get_queryset(request).select_related("payment__order")

    @display(description="kind", ordering="kind")
    def kind_shown(self, event: GatewayEvent) -> str:
        return event.kind or "—"

    @display(description="signature", ordering="signature", label=_SIGNATURES)
    def signature_shown(self, event: GatewayEvent) -> str:
        return event.get_signature_display()

    @display(description="state", ordering="status", label=_COLOURS)
    def status_shown(self, event: GatewayEvent) -> str:
        return event.get_status_display()

    @display(description="payment of", ordering="payment__order__number")
    def payment_shown(self, event: GatewayEvent) -> str:
        if event.payment is None:
            return "—"
        return link_to("payments_payment", event.payment_id, event.payment.order.number)

    @display(description="error")
    def error_shown(self, event: GatewayEvent) -> str:
        return format_html('<div style="min-width: 10rem">{}</div>', event.error or "—")

    @display(description="next attempt")
    def next_attempt_shown(self, event: GatewayEvent) -> object:
        return event.next_attempt_at if event.status == EventState.RECEIVED else "—"

    @display(description="body")
    def body_shown(self, event: GatewayEvent) -> str:
        try:
            text = json.dumps(json.loads(event.body), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            text = event.body
        style = "white-space: pre-wrap; overflow-wrap: anywhere; font-family: monospace"
        return format_html('<pre style="{}">{}</pre>', style, text)

    @action(
        description="Handle again",
        url_path="handle",
        permissions=["handle"],
        dialog={
            "title": "Handle this event again",
            "description": "What was settled is not settled twice.",
            "form_submit_text": "Handle again",
        },
    )
    def handle_once_more(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        event = find_row(GatewayEvent, object_id)
        try:
            event = handle_again(event_id=event.pk)
            self.log_change(request, event, "Handled again.")
            is_done = event.status == EventState.HANDLED
            level = messages.SUCCESS if is_done else messages.WARNING
            messages.add_message(request, level, f"The event is {event.status}. {event.error}")
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return lead_to("payments_gatewayevent_change", event.pk)

    @admin.action(description="Handle again", permissions=["handle"])
    def queue_once_more(self, request: HttpRequest, events: QuerySet[GatewayEvent]) -> None:
        event_ids = list(events.values_list("pk", flat=True))
        queued = queue_again(event_ids=event_ids)
        messages.success(request, f"Events queued: {queued}. A worker handles them in a moment.")
        if left := len(event_ids) - queued:
            messages.warning(request, f"Not signed, or emptied since, so never handled: {left}.")

    def has_handle_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Let those who may change events handle them again; nobody those refused or emptied."""
        is_allowed = request.user.has_perm("payments.change_gatewayevent")
        if object_id is None or not is_allowed:
            return is_allowed
        event = find_row(GatewayEvent, object_id)
        return bool(event.body) and not event.is_refused
