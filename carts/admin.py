"""Staff screens of carts, read-only, and of what prices depend on."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from .models import Cart, CartItem, Coupon, CouponUse, ShippingMethod, ShippingZone, TaxRate


class ReadOnly:
    """Rows that only their owners change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False


class CartItemInline(ReadOnly, TabularInline):
    model = CartItem
    fields = readonly_fields = ["variant", "quantity", "seen_price", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CartItem]:
        return super().get_queryset(request).select_related("variant")


@admin.register(Cart)
class CartAdmin(ReadOnly, ModelAdmin):
    list_display = ["id", "user", "version", "coupon_code", "created_at", "updated_at"]
    list_select_related = ["user"]
    list_filter = ["updated_at"]
    search_fields = ["id", "user__email_key"]
    ordering = ["-updated_at"]
    show_full_result_count = False
    inlines = [CartItemInline]


@admin.register(Coupon)
class CouponAdmin(ModelAdmin):
    list_display = ["__str__", "discount_type", "value", "valid_to", "used_count", "is_active"]
    list_filter = ["discount_type", "is_active", "is_public", "stackable"]
    search_fields = ["code", "description"]
    raw_id_fields = ["categories", "products"]
    readonly_fields = ["used_count"]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Coupon | None:  # noqa: ANN401
        """Read a row that is about to change under its lock: orders count its uses meanwhile."""
        found = super().get_object(request, *args, **kwargs)
        if found is None or request.method != "POST":
            return found
        return Coupon.objects.select_for_update().filter(pk=found.pk).first()


@admin.register(CouponUse)
class CouponUseAdmin(ReadOnly, ModelAdmin):
    list_display = ["coupon", "order_id", "user", "email_key", "created_at"]
    list_select_related = ["coupon", "user"]
    search_fields = ["coupon__code", "email_key"]
    show_full_result_count = False


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin):
    list_display = ["country", "state", "tax_class", "rate", "is_active"]
    list_filter = ["country", "tax_class", "is_active"]


class ShippingMethodInline(TabularInline):
    model = ShippingMethod
    extra = 0


@admin.register(ShippingZone)
class ShippingZoneAdmin(ModelAdmin):
    list_display = ["name", "countries", "postal_codes"]
    search_fields = ["name"]
    inlines = [ShippingMethodInline]
