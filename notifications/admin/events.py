"""The event log, as integrators get it."""

import json

from django.contrib import admin
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.admin import ReadOnly

from ..models import EventRecord


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "type", "position", "data_line"]
    list_filter = ["type", "created_at"]
    search_fields = ["=event_id", "data"]
    search_help_text = "An event's id, or an order's number."
    ordering = ["-id"]
    show_full_result_count = False
    fields = readonly_fields = ["event_id", "type", "created_at", "position", "data_shown"]

    @display(description="data")
    def data_line(self, event: EventRecord) -> str:
        text = json.dumps(event.data, ensure_ascii=False)
        return text if len(text) <= 100 else f"{text[:100]}…"

    @display(description="data")
    def data_shown(self, event: EventRecord) -> str:
        style = "white-space: pre-wrap; overflow-wrap: anywhere; font-family: monospace"
        text = json.dumps(event.data, indent=2, ensure_ascii=False)
        return format_html('<pre style="{}">{}</pre>', style, text)
