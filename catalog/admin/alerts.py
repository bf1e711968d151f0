from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.admin import ReadOnly

from ..models import StockAlert
from ..services.alerts import acknowledge_alert


@admin.register(StockAlert)
class StockAlertAdmin(ReadOnly, ModelAdmin):
    """What is low or was; the shop opens and closes alerts, people acknowledge them."""

    list_display = [
        "opened_at",
        "product",
        "sku",
        "stock_now",
        "threshold",
        "state",
        "acknowledged",
        "closed_at",
    ]
    list_filter = [
        ("open_for", admin.EmptyFieldListFilter),
        ("acknowledged_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["variant__product", "variant__stock", "acknowledged_by"]
    search_fields = ["variant__sku", "variant__product__name"]
    search_help_text = "A SKU or a product."
    show_full_result_count = False
    actions = ["acknowledge"]
    fields = [
        "product",
        "variant",
        "stock_now",
        "threshold",
        "stock_when_opened",
        "opened_at",
        "closed_at",
        "acknowledged_at",
        "acknowledged_by",
    ]
    readonly_fields = fields

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_stockalert")

    @admin.action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[StockAlert]) -> None:
        ids = list(queryset.filter(acknowledged_at=None).values_list("pk", flat=True))
        for pk in ids:
            acknowledge_alert(alert_id=pk, actor=request.user)
        messages.success(request, f"{len(ids)} acknowledged.")

    @display(description="opened at", ordering="created_at")
    def opened_at(self, alert: StockAlert) -> datetime:
        return alert.created_at

    @display(description="product", ordering="variant__product__name")
    def product(self, alert: StockAlert) -> str:
        return alert.variant.product.name

    @display(description="SKU", ordering="variant__sku")
    def sku(self, alert: StockAlert) -> str:
        return alert.variant.sku

    @display(description="can be sold now")
    def stock_now(self, alert: StockAlert) -> int:
        return alert.variant.stock.available

    @display(description="threshold")
    def threshold(self, alert: StockAlert) -> int:
        return alert.variant.low_stock_threshold

    @display(description="state", label={"low": "danger", "no longer low": "success"})
    def state(self, alert: StockAlert) -> str:
        return "low" if alert.is_open else "no longer low"

    @display(description="acknowledged by", ordering="acknowledged_at")
    def acknowledged(self, alert: StockAlert) -> Any:  # noqa: ANN401
        return alert.acknowledged_by or ("-" if alert.acknowledged_at is None else "somebody")
