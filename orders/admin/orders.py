"""Staff screens for orders: services make every change, money and states are only shown."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Field, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from config.admin import show_money, show_pairs
from config.admin_dialogs import find_row, lead_to
from config.errors import DomainError, InvalidInput

from ..models import (
    MAX_NOTE,
    MAX_TRACKING,
    CreditNote,
    Invoice,
    Order,
    OrderHistory,
    OrderLine,
    OrderStatus,
    Shipment,
)
from ..services.documents.credit_note import render_credit_note
from ..services.documents.invoice import render_invoice
from ..services.editing import edit_order
from ..services.lifecycle import Actor, advance_order
from ..services.shipping import make_shipment
from .shared import ShownInline


def _address(column: str) -> Callable[[Any, Any], str]:
    @admin.display(description=column.replace("_", " "))
    def show(self: ModelAdmin, row: Order) -> str:
        parts = ((part,) for part in getattr(row, column).values() if part)
        return format_html_join(", ", "{}", parts) or "—"

    return show


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


class ShipmentInline(ShownInline):
    model = Shipment
    fields = ("shipped_at", "carrier", "tracking_shown", "pieces_shown")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        return super().get_queryset(request).prefetch_related("lines__line")

    @admin.display(description="tracking")
    def tracking_shown(self, shipment: Shipment) -> str:
        if not shipment.tracking_url:
            return shipment.tracking_number or "—"
        return format_html(
            '<a href="{}" target="_blank" rel="noopener">{}</a>',
            shipment.tracking_url,
            shipment.tracking_number,
        )

    @admin.display(description="pieces")
    def pieces_shown(self, shipment: Shipment) -> str:
        return ", ".join(f"{row.quantity} × {row.line.sku}" for row in shipment.lines.all())


class ShipForm(BaseDialogForm):
    carrier = forms.CharField(max_length=64, widget=UnfoldAdminTextInputWidget)
    tracking_number = forms.CharField(max_length=MAX_TRACKING, widget=UnfoldAdminTextInputWidget)
    pieces = forms.CharField(
        required=False,
        help_text="Such as MUG-1=2, CUP-1=1. Empty for all that is left.",
        widget=UnfoldAdminTextInputWidget,
    )


def read_pieces(order: Order, text: str) -> dict[UUID, int] | None:
    """Read "MUG-1=2, CUP-1=1" as pieces by line; nothing means all that is left."""
    if not text.strip():
        return None
    lines = {line.sku.upper(): line.pk for line in order.lines.all()}
    pieces: dict[UUID, int] = {}
    for part in text.split(","):
        sku, _, number = (word.strip() for word in part.rpartition("="))
        line_id = lines.get(sku.upper())
        if line_id is None or not number.isdecimal() or not int(number):
            raise InvalidInput(pieces=f"{part.strip()} is no SKU of this order and a number.")
        pieces[line_id] = pieces.get(line_id, 0) + int(number)
    return pieces


class HistoryInline(ShownInline):
    model = OrderHistory
    fields = ("created_at", "from_status", "to_status", "actor_kind", "actor", "note")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderHistory]:
        return super().get_queryset(request).select_related("actor")


def _file(number: str, content: bytes) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{number}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@admin.register(Order)
class OrderAdmin(ModelAdmin):
    list_display = ("number", "status", "payment_status", "email", "total_shown", "created_at")
    list_filter = ("status", "payment_status", "gateway", "created_at")
    search_fields = ("number", "email", "=lines__sku")
    search_help_text = "A number, an e-mail address or a whole SKU."
    ordering = ("-created_at", "-id")
    show_full_result_count = False
    inlines = [LineInline, ShipmentInline, HistoryInline]
    actions_detail = ["ship", "invoice"]
    actions = ["mark_processing", "ship_what_is_left", "mark_delivered", "cancel"]
    fieldsets = (
        (None, {"fields": ("number", "status", "payment_status", "gateway", "created_at")}),
        ("Invoice", {"fields": ("invoice_number", "credit_notes_shown")}),
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

    @admin.display(description="credit notes")
    def credit_notes_shown(self, order: Order) -> str:
        links = (
            (reverse("admin:orders_creditnote_pdf", args=[note.pk]), note.number)
            for note in order.credit_notes
        )
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "—"

    @action(
        description="Ship",
        url_path="ship",
        permissions=["change"],
        dialog={
            "title": "Send a parcel",
            "description": "The customer gets a mail with the tracking number.",
            "form_class": ShipForm,
            "form_submit_text": "Send",
        },
    )
    def ship(self, request: HttpRequest, form: ShipForm, object_id: str) -> HttpResponse:
        try:
            order = find_row(Order, object_id)
            order = make_shipment(
                order_id=order.pk,
                actor=Actor.of(request.user),
                carrier=form.cleaned_data["carrier"],
                tracking_number=form.cleaned_data["tracking_number"],
                pieces=read_pieces(order, form.cleaned_data["pieces"]),
            )
            messages.success(request, f"Sent. The order is {order.status}.")
        except DomainError as refusal:
            messages.error(request, f"{refusal.message} {refusal.details or ''}")
        return lead_to("orders_order_change", object_id)

    @action(description="Invoice", url_path="invoice", permissions=["view"])
    def invoice(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = Invoice.objects.select_related("order").filter(order=object_id).first()
        if found is None:
            messages.warning(request, "There is no invoice yet: it is made when the order is paid.")
            return redirect("admin:orders_order_change", object_id)
        return _file(found.number, render_invoice(found))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.credit_note)
        own = path("credit-notes/<uuid:note_id>/", view, name="orders_creditnote_pdf")
        return [own, *super().get_urls()]

    def credit_note(self, request: HttpRequest, note_id: UUID) -> HttpResponse:
        note = get_object_or_404(CreditNote.objects.to_draw(), pk=note_id)
        if not self.has_view_permission(request, note.invoice.order):
            raise PermissionDenied
        return _file(note.number, render_credit_note(note))

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
