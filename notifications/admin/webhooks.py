"""Webhook endpoints and the log of what was sent to them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextInputWidget,
)

from config.admin import ReadOnly
from config.admin_dialogs import find_row, lead_to
from config.errors import DomainError

from ..errors import AddressRefused
from ..models import DeliveryState, EventType, WebhookDelivery, WebhookEndpoint
from ..services import endpoints, replaying
from ..services.addresses import check_url
from ..services.deliveries import send_test

_COLOURS = {
    DeliveryState.PENDING.label: "info",
    DeliveryState.DELIVERED.label: "success",
    DeliveryState.GIVEN_UP.label: "danger",
}
_HEALTH = {"Accepts": "success", "Fails": "warning", "Switched off": "danger", "Off": "info"}


class EndpointForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        choices=EventType.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["url", "events", "is_active"]
        widgets = {"url": UnfoldAdminTextInputWidget}

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        try:
            check_url(url)
        except AddressRefused as refusal:
            raise forms.ValidationError(refusal.message)
        return url


class MomentInput(UnfoldAdminTextInputWidget):
    """A day and a time in one field, in the store's time zone."""

    input_type = "datetime-local"


class ReplayForm(BaseDialogForm):
    since = forms.DateTimeField(widget=MomentInput)
    until = forms.DateTimeField(widget=MomentInput)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ModelAdmin):
    form = EndpointForm
    list_display = ["url", "events_shown", "health", "failing_since", "log"]
    list_filter = ["is_active"]
    search_fields = ["url"]
    ordering = ["-created_at", "-id"]
    readonly_fields = ["health", "failing_since", "paused_until", "switched_off_at", "log"]
    fields = ["url", "events", "is_active", *readonly_fields]
    actions_detail = ["send_test", "send_again", "rotate_secret"]

    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: EndpointForm, change: bool
    ) -> None:
        fields = {name: form.cleaned_data[name] for name in ("url", "events", "is_active")}
        if change:
            endpoints.update_endpoint(endpoint_id=obj.pk, fields=fields)
            return
        made = endpoints.create_endpoint(**fields)
        obj.pk = made.pk
        self._show_secret(request, made)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        for endpoint in queryset:
            self.delete_model(request, endpoint)

    def delete_model(self, request: HttpRequest, obj: WebhookEndpoint) -> None:
        endpoints.delete_endpoint(endpoint_id=obj.pk)

    @display(description="events")
    def events_shown(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.events)

    @display(description="state", label=_HEALTH)
    def health(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.switched_off_at:
            return "Switched off"
        if not endpoint.is_active:
            return "Off"
        return "Fails" if endpoint.failing_since else "Accepts"

    @display(description="log")
    def log(self, endpoint: WebhookEndpoint) -> str:
        if endpoint._state.adding:
            return "—"
        address = reverse(
            "admin:notifications_webhookdelivery_changelist",
            query={"endpoint__id__exact": str(endpoint.pk)},
        )
        return format_html('<a class="text-primary-600" href="{}">What was sent</a>', address)

    @action(
        description="Send a test",
        url_path="test",
        permissions=["manage"],
        dialog={
            "title": "Send a test to this address",
            "description": "A signed event of the type ping, now and once.",
            "form_submit_text": "Send",
        },
    )
    def send_test(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        outcome = send_test(endpoint=find_row(WebhookEndpoint, object_id))
        if outcome.is_accepted:
            text = f"Accepted with {outcome.status} after {outcome.latency_ms} ms."
            messages.success(request, text)
        else:
            messages.error(request, f"Not accepted: {outcome.error} {outcome.excerpt}")
        return lead_to("notifications_webhookendpoint_change", object_id)

    @action(
        description="Send again",
        url_path="replay",
        permissions=["manage"],
        dialog={
            "title": "Send the events of a time again",
            "description": "Also those that happened while this address was off.",
            "form_class": ReplayForm,
            "form_submit_text": "Send again",
        },
    )
    def send_again(self, request: HttpRequest, form: ReplayForm, object_id: str) -> HttpResponse:
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        try:
            count = replaying.replay(endpoint_id=UUID(object_id), since=since, until=until)
            messages.success(request, f"Events queued: {count}. A worker sends them in a moment.")
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return lead_to("notifications_webhookendpoint_change", object_id)

    @action(
        description="New secret",
        url_path="secret",
        permissions=["manage"],
        dialog={
            "title": "Give this address another secret",
            "description": "The old one signs nothing any more. The new one is shown once.",
            "form_submit_text": "New secret",
        },
    )
    def rotate_secret(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        endpoint = endpoints.rotate_secret(endpoint_id=UUID(object_id))
        self.log_change(request, endpoint, "Another secret.")
        self._show_secret(request, endpoint)
        return lead_to("notifications_webhookendpoint_change", object_id)

    def has_manage_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("notifications.change_webhookendpoint")

    @staticmethod
    def _show_secret(request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        secret = endpoints.secret_of(endpoint)
        text = f"The secret that signs these webhooks, shown this once: {secret}"
        messages.warning(request, text)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "created_at",
        "endpoint",
        "type_shown",
        "status_shown",
        "attempts",
        "answer",
        "error_shown",
    ]
    list_select_related = ["endpoint", "event"]
    list_filter = ["status", "endpoint", "event__type", "created_at"]
    search_fields = ["=event__event_id", "error"]
    search_help_text = "An event's id, or a word of the error."
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    actions = ["send_again"]
    fields = readonly_fields = [
        "endpoint",
        "event",
        "status_shown",
        "attempts",
        "next_attempt_at",
        "give_up_at",
        "delivered_at",
        "response_status",
        "latency_ms",
        "error",
        "response",
    ]

    @display(description="type", ordering="event__type")
    def type_shown(self, delivery: WebhookDelivery) -> str:
        return delivery.event.type

    @display(description="state", ordering="status", label=_COLOURS)
    def status_shown(self, delivery: WebhookDelivery) -> str:
        return delivery.get_status_display()

    @display(description="answer", ordering="response_status")
    def answer(self, delivery: WebhookDelivery) -> str:
        if delivery.latency_ms is None:
            return "—"
        return f"{delivery.response_status or 'none'} after {delivery.latency_ms} ms"

    @display(description="error")
    def error_shown(self, delivery: WebhookDelivery) -> str:
        return format_html('<div style="min-width: 10rem">{}</div>', delivery.error or "—")

    @admin.action(description="Send again", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        queued = 0
        for delivery in queryset:
            try:
                replaying.redeliver(delivery_id=delivery.pk)
                queued += 1
            except DomainError as refusal:
                messages.error(request, f"{delivery.endpoint}: {refusal.message}")
        messages.success(request, f"Webhooks queued: {queued}.")

    def has_resend_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return request.user.has_perm("notifications.change_webhookendpoint")
