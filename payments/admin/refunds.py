"""Refunds: all of them, those of a payment, and the dialog that begins one."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from config.admin import ReadOnly, show_money

from ..models import Refund


class RefundForm(BaseDialogForm):
    amount = forms.DecimalField(
        required=False,
        min_value=0,
        decimal_places=3,
        help_text="Empty for all that is left.",
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)


class RefundInline(ReadOnly, TabularInline):
    model = Refund
    fields = readonly_fields = [
        "amount_shown",
        "status",
        "reason",
        "requested_by",
        "gateway_refund_id",
        "attempts",
        "error",
        "created_at",
    ]
    amount_shown = show_money("amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("payment", "requested_by")


@admin.register(Refund)
class RefundAdmin(ReadOnly, ModelAdmin):
    """All refunds, whoever asked for them; a new one is made on its payment's page."""

    list_display = [
        "payment",
        "order",
        "amount_shown",
        "status",
        "attempts",
        "error",
        "created_at",
    ]
    list_select_related = ["payment__order", "requested_by"]
    list_filter = ["status", "created_at"]
    search_fields = ["payment__order__number", "gateway_refund_id"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    fields = readonly_fields = [
        "payment",
        "order",
        "amount_shown",
        "status",
        "reason",
        "requested_by",
        "gateway_refund_id",
        "attempts",
        "next_attempt_at",
        "error",
        "created_at",
    ]
    amount_shown = show_money("amount")

    @admin.display(ordering="payment__order__number")
    def order(self, refund: Refund) -> str:
        return refund.payment.order.number
