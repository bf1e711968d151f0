"""Cancellations of the former shop, to be read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from config.admin import ReadOnly, show_money

from ..models import CancellationDocument, CancellationLine
from .shared import ShownInline


class CancellationLineInline(ShownInline):
    model = CancellationLine
    fields = ("position", "sku", "name", "quantity", "unit_price_shown")
    readonly_fields = fields
    unit_price_shown = show_money("unit_price", of="document")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CancellationLine]:
        return super().get_queryset(request).select_related("document")


@admin.register(CancellationDocument)
class CancellationDocumentAdmin(ReadOnly, ModelAdmin):
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
    total_shown = show_money("total_amount")
