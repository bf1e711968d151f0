from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from config.admin import ReadOnly

from ..models import Message
from ..services import outbox


@admin.register(Message)
class MessageAdmin(ReadOnly, ModelAdmin):
    """Mails and SMS as they were queued and sent; read-only but for sending again."""

    list_display = ["created_at", "kind", "channel", "recipient", "status", "attempts", "error"]
    list_filter = ["status", "channel", "kind"]
    search_fields = ["recipient", "cause"]
    search_help_text = "An e-mail address or phone, or what caused the message."
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["send_again"]
    fields = readonly_fields = [
        "kind",
        "channel",
        "recipient",
        "user",
        "status",
        "attempts",
        "error",
        "created_at",
        "next_attempt_at",
        "sent_at",
        "cause",
    ]

    @admin.action(description="Send again", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for message in queryset:
            outbox.resend(message_id=message.pk)
        messages.success(request, f"{len(queryset)} messages are queued again.")
