"""Cancellations of the former shop, to be read."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ..models import CancellationDocument, CancellationLine
from .shared import ShownInline, money


class CancellationLineInline(ShownInline):
    model = CancellationLine
    fields = ("position", "sku", "name", "quantity", "unit_price_shown")
    readonly_fields = fields
    unit_price_shown = money("unit_price", of="document")


@admin.register(CancellationDocument)
class CancellationDocumentAdmin(ModelAdmin):
    list_display = ("external_id", "external_source", "country", "total_shown", "created_at")
    list_filter = ("external_source", "created_at")
    search_fields = ("external_id", "=lines__sku")
    show_full_result_count = False
    inlines = [CancellationLineInline]
    fields = (
        "external_id",
        "external_source",
        "user",
        "country",
        "total_shown",
        "created_at",
    )
    readonly_fields = fields
    total_shown = money("total_amount")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: CancellationDocument | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: CancellationDocument | None = None
    ) -> bool:
        return False
