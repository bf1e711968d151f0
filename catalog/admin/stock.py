from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from config.admin import ReadOnly, show_money, show_pairs

from ..models import MovementKind, StockMovement, Variant
from ..services.stock import record_movement
from .base import ServiceAdmin
from .spreadsheets import SpreadsheetMixin, StockSheet

_BY_PEOPLE = [
    (kind.value, kind.label)
    for kind in MovementKind
    if kind.value in ("IN", "OUT", "ADJUSTMENT", "RETURN", "DAMAGE")
]


class RecordMovementForm(forms.ModelForm):
    kind = forms.ChoiceField(choices=_BY_PEOPLE, widget=UnfoldAdminSelectWidget)
    quantity = forms.IntegerField(
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Positive; a count that found fewer pieces is an adjustment below zero.",
    )

    class Meta:
        model = StockMovement
        fields = ["variant", "kind", "quantity", "reference", "notes"]


@admin.register(StockMovement)
class StockMovementAdmin(ServiceAdmin):
    """The ledger: rows are added, never changed or deleted."""

    form = RecordMovementForm
    fields = ["variant", "kind", "quantity", "reference", "notes"]
    autocomplete_fields = ["variant"]
    list_display = [
        "created_at",
        "variant",
        "kind",
        "quantity",
        "available_after",
        "on_hand_after",
        "order_id",
        "recorded_by",
    ]
    list_filter = ["kind", "created_at"]
    list_select_related = ["variant", "recorded_by"]
    search_fields = ["variant__sku", "reference"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def save_model(
        self, request: HttpRequest, obj: StockMovement, form: forms.ModelForm, change: bool
    ) -> None:
        fields = form.cleaned_data
        row = record_movement(
            variant_id=fields["variant"].pk,
            kind=fields["kind"],
            quantity=fields["quantity"],
            recorded_by=request.user,
            reference=fields["reference"],
            notes=fields["notes"],
        )
        obj.pk = row.pk
        obj.refresh_from_db()


@admin.register(Variant)
class VariantAdmin(ReadOnly, SpreadsheetMixin, ServiceAdmin):
    """What there is of each variant; prices are changed on the product's page."""

    sheet = StockSheet
    import_permissions = ("catalog.add_stockmovement",)
    list_display = ["sku", "product", "name", "price_shown", "available", "on_hand", "is_active"]
    list_select_related = ["product", "stock"]
    list_filter = ["is_active"]
    search_fields = ["sku", "product__name"]
    show_full_result_count = False
    fields = [
        "product",
        "sku",
        "name",
        "attributes_shown",
        "price_shown",
        "compare_at_price_shown",
        "cost_price_shown",
        "available",
        "on_hand",
        "low_stock_threshold",
        "barcode",
        "is_active",
    ]
    readonly_fields = fields
    price_shown = show_money("price", of="product")
    compare_at_price_shown = show_money("compare_at_price", of="product")
    cost_price_shown = show_money("cost_price", of="product")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).filter(archived_at=None).with_stock()

    @admin.display(description="attributes")
    def attributes_shown(self, variant: Variant) -> str:
        return show_pairs(variant.attributes)

    @admin.display(description="can be sold")
    def available(self, variant: Variant) -> int:
        return variant.stock.available

    @admin.display(description="on hand")
    def on_hand(self, variant: Variant) -> int:
        return variant.stock.on_hand
