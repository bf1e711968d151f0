"""Mails and SMS as they were queued and sent, and what each kind looks like."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from config.admin import ReadOnly
from config.admin_dialogs import find_row, lead_to

from ..models import MailTemplate, Message, MessageState
from ..services import outbox
from ..services.samples import KINDS, sample_of
from .previews import show_preview

_COLOURS = {
    MessageState.PENDING.label: "info",
    MessageState.SENT.label: "success",
    MessageState.GIVEN_UP.label: "danger",
}


class KindFilter(admin.SimpleListFilter):
    """Offers the kinds that there are, without looking for them in every row."""

    title = parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(kind, _name_of(kind)) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ReadOnly, ModelAdmin):
    """Read-only but for sending again."""

    list_display = [
        "created_at",
        "kind_shown",
        "channel",
        "recipient",
        "status_shown",
        "attempts",
        "error",
    ]
    list_filter = ["status", "channel", KindFilter]
    search_fields = ["recipient", "cause", "error"]
    search_help_text = (
        "An e-mail address or phone, what caused the message, or a word of the error."
    )
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["try_again"]
    actions_detail = ["send_again"]
    readonly_fields = [
        "kind",
        "channel",
        "recipient",
        "user",
        "status_shown",
        "attempts",
        "error",
        "created_at",
        "next_attempt_at",
        "sent_at",
        "cause",
        "preview",
    ]
    fieldsets = [
        (None, {"fields": readonly_fields[:-1]}),
        ("As it would be sent now", {"fields": ["preview"]}),
    ]

    @display(description="kind", ordering="kind")
    def kind_shown(self, message: Message) -> str:
        return _name_of(message.kind)

    @display(description="state", ordering="status", label=_COLOURS)
    def status_shown(self, message: Message) -> str:
        return message.get_status_display()

    @display(description="preview")
    def preview(self, message: Message) -> str:
        return show_preview(message, message.viewer)  # type: ignore[attr-defined]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Message | None:
        message = super().get_object(request, object_id, from_field)
        if message:
            message.viewer = request.user
        return message

    @action(
        description="Send again",
        url_path="send-again",
        permissions=["resend"],
        dialog={
            "title": "Send this message again",
            "description": "The recipient gets it as it is shown here, also if it was sent before.",
            "form_submit_text": "Send again",
        },
    )
    def send_again(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        message = find_row(Message, object_id)
        if outbox.resend(message_id=message.pk):
            self.log_change(request, message, "Queued again.")
            messages.success(request, "The message is queued. A worker sends it in a moment.")
        else:
            messages.error(request, "The message is being sent just now.")
        return lead_to("notifications_message_change", object_id)

    @admin.action(description="Try again now what was not sent", permissions=["resend"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        count = outbox.try_again(message_ids=queryset.values_list("pk", flat=True))
        messages.success(request, f"Messages queued again: {count}. What was sent is left alone.")

    def has_resend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        return request.user.has_perm("notifications.change_message")


@admin.register(MailTemplate)
class MailTemplateAdmin(ReadOnly, ModelAdmin):
    """One page: a kind of mail, shown with the newest thing in the shop that it fits."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = request.GET.get("kind", "")
        kind = kind if kind in KINDS else KINDS[0]
        message = sample_of(kind, request.user)
        context = self.admin_site.each_context(request) | {
            "title": "Mail templates",
            "opts": self.opts,
            "kinds": [(name, _name_of(name)) for name in KINDS],
            "kind": kind,
            "preview": show_preview(message, request.user) if message else "",
        }
        return TemplateResponse(request, "admin/notifications/mail_templates.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: object) -> HttpResponse:
        """Lead to the message's own page: a kind has no row."""
        return redirect("admin:notifications_message_change", object_id)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("notifications.view_message")


def _name_of(kind: str) -> str:
    return kind.replace("_", " ").capitalize()
