"""The payments that need a person, in one list: why, how much, and what to do."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from config.admin import ReadOnly, show_money
from config.admin_dialogs import lead_to, link_to

from ..models import Payment, PaymentToCheck
from .shared import PaymentActions


@admin.register(PaymentToCheck)
class PaymentToCheckAdmin(ReadOnly, PaymentActions):
    list_display = [
        "why",
        "order_shown",
        "payment_shown",
        "status",
        "amount_shown",
        "amount_captured_shown",
        "amount_refunded_shown",
        "updated_at",
    ]
    list_display_links = None
    list_select_related = ["order"]
    list_filter = ["gateway", "status"]
    search_fields = ["order__number", "needs_person", "gateway_order_id", "gateway_payment_id"]
    search_help_text = "An order's number, a word of the reason, or an id of the gateway."
    ordering = ["updated_at", "id"]
    show_full_result_count = False
    actions_row = ["ask", "seen"]
    amount_shown = show_money("amount")
    amount_captured_shown = show_money("amount_captured")
    amount_refunded_shown = show_money("amount_refunded")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).exclude(needs_person="")

    @admin.display(ordering="needs_person")
    def why(self, payment: Payment) -> str:
        return payment.needs_person

    @admin.display(description="order", ordering="order__number")
    def order_shown(self, payment: Payment) -> str:
        return link_to("orders_order", payment.order_id, payment.order.number)

    @admin.display(description="payment", ordering="gateway")
    def payment_shown(self, payment: Payment) -> str:
        return link_to("payments_payment", payment.pk, payment.gateway)

    def change_view(self, request: HttpRequest, object_id: str, *args: object) -> HttpResponse:
        """Lead to the payment's own page: there is one for each payment."""
        return redirect("admin:payments_payment_change", object_id)

    def after_action(self, payment: Payment) -> HttpResponse:
        return lead_to("payments_paymenttocheck_changelist")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("payments.view_payment")
