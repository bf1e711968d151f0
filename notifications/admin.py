from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import Message
from .services import outbox


@admin.register(Message)
class MessageAdmin(ModelAdmin):
    """Mails as they were queued and sent; read-only but for sending again."""

    list_display = ["created_at", "kind", "recipient", "status", "attempts", "error"]
    list_filter = ["status", "kind"]
    search_fields = ["recipient", "cause"]
    date_hierarchy = "created_at"
    actions = ["send_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    @admin.action(description="Send again", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for message in queryset:
            outbox.resend(message_id=message.pk)
        messages.success(request, f"{len(queryset)} messages are queued again.")
