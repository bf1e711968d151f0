"""Who sells here: applications wait for staff, who approve and suspend in dialogs."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from accounts.models import Seller
from config.admin_dialogs import find_row, lead_to
from config.errors import DomainError

from ..services.sellers import apply_as_seller, approve_seller, suspend_seller, update_seller
from .base import ServiceAdmin
from .groups import GroupForm


@admin.register(Seller)
class SellerAdmin(ServiceAdmin):
    form = GroupForm
    list_display = ["name", "slug", "user", "state", "created_at"]
    list_filter = ["status"]
    list_select_related = ["user"]
    search_fields = ["name", "slug", "user__email_key"]
    autocomplete_fields = ["user"]
    ordering = ["name", "pk"]
    fields = ["user", "name", "slug", "description", "logo", "state", "products", "created_at"]
    readonly_fields = ["state", "products", "created_at"]
    actions_detail = ["approve", "suspend"]

    def get_readonly_fields(self, request: HttpRequest, obj: Seller | None = None) -> list[str]:
        return [*self.readonly_fields, "user"] if obj else [*self.readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seller]:
        return super().get_queryset(request).select_related("user")

    @display(
        description="status",
        ordering="status",
        label={"pending": "warning", "approved": "success", "suspended": "danger"},
    )
    def state(self, seller: Seller) -> str:
        return seller.status

    @admin.display(description="products")
    def products(self, seller: Seller) -> str:
        query = {"seller__id__exact": seller.pk}
        address = reverse("admin:catalog_product_changelist", query=query)
        return format_html('<a href="{}">Show them</a>', address) if seller.pk else "-"

    def save_model(
        self, request: HttpRequest, obj: Seller, form: forms.ModelForm, change: bool
    ) -> None:
        fields = {name: form.cleaned_data[name] for name in ("name", "slug", "description")}
        if "logo" in form.changed_data:
            fields["logo"] = form.cleaned_data["logo"] or None
        if change:
            update_seller(seller_id=obj.pk, fields=fields)
        else:
            obj.pk = apply_as_seller(user_id=form.cleaned_data["user"].pk, fields=fields).pk
        obj.refresh_from_db()

    @action(
        description="Approve",
        url_path="approve",
        permissions=["decide"],
        dialog={
            "title": "Approve this seller",
            "description": "The user may sell products here from now on.",
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._decide(request, approve_seller, object_id)

    @action(
        description="Suspend",
        url_path="suspend",
        permissions=["decide"],
        dialog={
            "title": "Suspend this seller",
            "description": "An application is turned down. Who sells already sells no more, and "
            "the products become inactive within minutes.",
            "form_submit_text": "Suspend",
        },
    )
    def suspend(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._decide(request, suspend_seller, object_id)

    def _decide(
        self, request: HttpRequest, service: Callable[..., Seller], object_id: str
    ) -> HttpResponse:
        try:
            seller = service(seller_id=find_row(Seller, object_id).pk)
        except DomainError as refusal:
            messages.error(request, refusal.message)
        else:
            self.log_change(request, seller, f"The seller is {seller.status}.")
            messages.success(request, f"{seller} is {seller.status}.")
        return lead_to("accounts_seller_change", object_id)

    def has_change_permission(self, request: HttpRequest, obj: Seller | None = None) -> bool:
        """Leave the closed shop of an erased person as it is."""
        is_closed = obj is not None and obj.user.erased_at is not None
        return not is_closed and super().has_change_permission(request, obj)

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Offer a dialog to whoever may change sellers."""
        return request.user.has_perm("accounts.change_seller")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False  # the role and the products hang on the row: sellers are suspended
