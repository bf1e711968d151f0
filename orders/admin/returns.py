"""Returns that wait for a decision, and those that were decided."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from config.admin import ReadOnly, show_money
from config.admin_dialogs import lead_to
from config.errors import DomainError

from ..models import MAX_NOTE, ReturnLine, ReturnRequest
from ..services.lifecycle import Actor
from ..services.returning import approve_return, reject_return
from .shared import ShownInline


class ReturnLineInline(ShownInline):
    model = ReturnLine
    fields = ("sku", "quantity", "reason", "refund_shown")
    readonly_fields = fields
    refund_shown = show_money("refund_amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        return super().get_queryset(request).select_related("line", "request__order")

    @admin.display(description="SKU")
    def sku(self, row: ReturnLine) -> str:
        return row.line.sku


class ApproveForm(BaseDialogForm):
    restock = forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanWidget)
    refund_shipping = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)
    note = forms.CharField(required=False, max_length=MAX_NOTE, widget=UnfoldAdminTextInputWidget)


class RejectForm(BaseDialogForm):
    note = forms.CharField(
        max_length=MAX_NOTE,
        help_text="Why; the customer reads it.",
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(ReturnRequest)
class ReturnRequestAdmin(ReadOnly, ModelAdmin):
    list_display = ("order", "status", "refund_shown", "created_at", "decided_at")
    list_select_related = ("order",)
    list_filter = ("status", "created_at")
    search_fields = ("order__number", "order__email", "=lines__line__sku")
    ordering = ("-created_at", "-id")
    show_full_result_count = False
    inlines = [ReturnLineInline]
    actions_detail = ["approve", "reject"]
    fields = (
        "order",
        "status",
        "refund_shown",
        "refunds_shipping",
        "is_restocked",
        "note",
        "decided_by",
        "created_at",
        "decided_at",
    )
    readonly_fields = fields
    refund_shown = show_money("refund_amount")

    @action(
        description="Approve",
        url_path="approve",
        permissions=["decide"],
        dialog={
            "title": "Approve this return",
            "description": "What was paid for the pieces goes back to the customer.",
            "form_class": ApproveForm,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        return self._decide(request, approve_return, form, object_id)

    @action(
        description="Reject",
        url_path="reject",
        permissions=["decide"],
        dialog={
            "title": "Reject this return",
            "form_class": RejectForm,
            "form_submit_text": "Reject",
        },
    )
    def reject(self, request: HttpRequest, form: RejectForm, object_id: str) -> HttpResponse:
        return self._decide(request, reject_return, form, object_id)

    def _decide(
        self,
        request: HttpRequest,
        service: Any,  # noqa: ANN401
        form: BaseDialogForm,
        object_id: str,
    ) -> HttpResponse:
        names = form.base_fields.keys() & {"restock", "refund_shipping", "note"}
        decision = {name: form.cleaned_data[name] for name in names}
        try:
            actor = Actor.of(request.user)
            made = service(return_id=UUID(object_id), actor=actor, **decision)
            messages.success(request, f"The return is {made.status}.")
        except DomainError as refusal:
            messages.error(request, f"{refusal.message} {refusal.details or ''}")
        return lead_to("orders_returnrequest_change", object_id)

    # The same permissions as for the returns of the API.
    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("orders.change_order")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return request.user.has_perm("orders.view_order")
