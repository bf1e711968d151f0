"""Moderation of reviews, and who waits for what is sold out."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.admin import ReadOnly

from ..models import Review, StockRequest
from ..services.reviews import delete_review, update_review
from .base import ServiceAdmin


def product_link(self: Any, row: Any) -> str:  # noqa: ANN401
    """Show the product of a row as a link to its page; archived ones have none."""
    if row.product.archived_at:
        return str(row.product)
    address = reverse("admin:catalog_product_change", args=[row.product_id])
    return format_html('<a href="{}" class="underline">{}</a>', address, row.product)


product_link.short_description = "product"  # type: ignore[attr-defined]


@admin.register(Review)
class ReviewAdmin(ServiceAdmin):
    """What customers say: staff withdraw and approve it, and change nobody's words."""

    list_display = [
        "created_at",
        "product_link",
        "stars",
        "words",
        "author",
        "verified",
        "helpful_count",
        "state",
    ]
    list_filter = ["is_approved", "rating", "verified_purchase", "created_at"]
    list_select_related = ["product", "user"]
    search_fields = ["product__name", "user__email_key", "title", "comment"]
    search_help_text = "A product, the author's e-mail address, or words."
    show_full_result_count = False
    actions = ["withdraw", "approve"]
    fields = [
        "product_link",
        "author",
        "stars",
        "title",
        "comment",
        "verified_purchase",
        "helpful_count",
        "created_at",
        "is_approved",
    ]
    readonly_fields = fields[:-1]
    product_link = product_link

    @admin.display(description="rating", ordering="rating")
    def stars(self, review: Review) -> str:
        return "★" * review.rating + "☆" * (5 - review.rating)

    @admin.display(description="review")
    def words(self, review: Review) -> str | None:
        text = Truncator(" · ".join(filter(None, [review.title, review.comment]))).chars(60)
        # Two lines on a phone, and no more than three beside the other columns.
        style = "display:block;width:max-content;max-width:13rem"
        return format_html('<span style="{}">{}</span>', style, text) if text else None

    @admin.display(ordering="user__email_key")
    def author(self, review: Review) -> str:
        return str(review.user or review.user_name)

    @display(description="purchase", ordering="verified_purchase", label={"verified": "info"})
    def verified(self, review: Review) -> str:
        return "verified" if review.verified_purchase else ""

    @display(ordering="is_approved", label={"approved": "success", "withdrawn": "danger"})
    def state(self, review: Review) -> str:
        return "approved" if review.is_approved else "withdrawn"

    @admin.action(description="Withdraw", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        self._moderate(request, queryset, is_approved=False)

    @admin.action(description="Approve", permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        self._moderate(request, queryset, is_approved=True)

    def _moderate(
        self, request: HttpRequest, queryset: QuerySet[Review], *, is_approved: bool
    ) -> None:
        changed = list(queryset.exclude(is_approved=is_approved).order_by("product", "pk"))
        for review in changed:
            update_review(review_id=review.pk, is_approved=is_approved)
        done = "approved" if is_approved else "withdrawn"
        messages.success(request, f"{len(changed)} reviews were {done}.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Review, form: forms.ModelForm, change: bool
    ) -> None:
        update_review(review_id=obj.pk, is_approved=form.cleaned_data["is_approved"])

    def delete_model(self, request: HttpRequest, obj: Review) -> None:
        delete_review(review_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset.order_by("product", "pk"):
            delete_review(review_id=review.pk)


@admin.register(StockRequest)
class StockRequestAdmin(ReadOnly, ModelAdmin):
    """Who waits; a row is gone as soon as its mail is written."""

    list_display = ["created_at", "product_link", "variant", "email"]
    list_select_related = ["product", "variant"]
    search_fields = ["product__name", "variant__sku", "email"]
    search_help_text = "A product, a SKU or an e-mail address."
    show_full_result_count = False
    fields = readonly_fields = ["product_link", "variant", "email", "user", "created_at"]
    product_link = product_link
