"""Staff screens for orders: services make every change, money and states are only shown."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Field, Model, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin, TabularInline

from config.admin import ReadOnly, show_money, show_pairs
from config.errors import DomainError

from .models import (
    MAX_NOTE,
    CancellationDocument,
    CancellationLine,
    Order,
    OrderHistory,
    OrderLine,
    OrderStatus,
)
from .services.editing import edit_order
from .services.lifecycle import Actor, advance_order


def _address(column: str) -> Callable[[Any, Any], str]:
    @admin.display(description=column.replace("_", " "))
    def show(self: ModelAdmin, row: Order) -> str:
        parts = ((part,) for part in getattr(row, column).values() if part)
        return format_html_join(", ", "{}", parts) or "—"

    return show


class ShownInline(TabularInline):
    """Rows that are seen with their parent and changed nowhere."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # whoever may open the page

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LineInline(ShownInline):
    model = OrderLine
    fields = (
        "sku",
        "name",
        "attributes_shown",
        "quantity",
        "shipped_quantity",
        "returned_quantity",
        "unit_price_shown",
        "discount_shown",
        "tax_shown",
        "line_total_shown",
    )
    readonly_fields = fields
    unit_price_shown = show_money("unit_price", of="order")
    discount_shown = show_money("discount_amount", of="order")
    tax_shown = show_money("tax_amount", of="order")
    line_total_shown = show_money("line_total", of="order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).select_related("order")

    @admin.display(description="attributes")
    def attributes_shown(self, line: OrderLine) -> str:
        return show_pairs(line.attributes)


class HistoryInline(ShownInline):
    model = OrderHistory
    fields = ("created_at", "from_status", "to_status", "actor_kind", "actor", "note")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderHistory]:
        return super().get_queryset(request).select_related("actor")


@admin.register(Order)
class OrderAdmin(ModelAdmin):
    list_display = ("number", "status", "payment_status", "email", "total_shown", "created_at")
    list_filter = ("status", "payment_status", "gateway", "created_at")
    search_fields = ("number", "email", "=lines__sku")
    search_help_text = "A number, an e-mail address or a whole SKU."
    ordering = ("-created_at", "-id")
    show_full_result_count = False
    inlines = [LineInline, HistoryInline]
    actions = ["mark_processing", "ship_what_is_left", "mark_delivered", "cancel"]
    fieldsets = (
        (None, {"fields": ("number", "status", "payment_status", "gateway", "created_at")}),
        ("Customer", {"fields": ("user", "email", "notes", "staff_note")}),
        (
            "Money",
            {
                "fields": (
                    "subtotal_shown",
                    "discount_shown",
                    "coupon_code",
                    "shipping_shown",
                    "tax_shown",
                    "total_shown",
                    "paid_shown",
                    "refunded_shown",
                )
            },
        ),
        (
            "Delivery",
            {"fields": ("shipping_method_name", "shipping_address_shown", "billing_address_shown")},
        ),
        (
            "Times",
            {"fields": ("expires_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at")},
        ),
    )
    subtotal_shown = show_money("subtotal")
    discount_shown = show_money("discount_amount")
    shipping_shown = show_money("shipping_cost")
    tax_shown = show_money("tax_amount")
    total_shown = show_money("total_amount")
    paid_shown = show_money("amount_paid")
    refunded_shown = show_money("amount_refunded")
    shipping_address_shown = _address("shipping_address")
    billing_address_shown = _address("billing_address")

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> list[str]:
        """Leave staff their note and nothing else."""
        names = [name for _, options in self.fieldsets for name in options["fields"]]
        return [name for name in names if name != "staff_note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("user")

    def formfield_for_dbfield(
        self,
        db_field: Field,
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401
    ) -> FormField | None:
        if db_field.name == "staff_note":
            kwargs["max_length"] = MAX_NOTE
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Order, form: Any, change: bool) -> None:  # noqa: ANN401
        if "staff_note" in form.changed_data:
            actor = Actor.of(request.user)
            edit_order(order_id=obj.pk, actor=actor, staff_note=obj.staff_note)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    @admin.action(description="Mark as processing", permissions=["change"])
    def mark_processing(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._advance(request, orders, OrderStatus.PROCESSING)

    @admin.action(description="Ship all that is left", permissions=["change"])
    def ship_what_is_left(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._advance(request, orders, OrderStatus.SHIPPED)

    @admin.action(description="Mark as delivered", permissions=["change"])
    def mark_delivered(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._advance(request, orders, OrderStatus.DELIVERED)

    @admin.action(description="Cancel, and give stock and money back", permissions=["change"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._advance(request, orders, OrderStatus.CANCELLED)

    def _advance(self, request: HttpRequest, orders: QuerySet[Order], to_status: str) -> None:
        """Move each order by itself, and name those that cannot go there."""
        moved = 0
        for order in orders:
            try:
                advance_order(order_id=order.pk, to_status=to_status, actor=Actor.of(request.user))
                moved += 1
            except DomainError as refusal:
                messages.warning(request, f"{order.number}: {refusal.message}")
        if moved:
            messages.success(request, f"Orders now {to_status}: {moved}.")


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
