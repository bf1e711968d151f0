"""Staff screens of carts, read-only, and of what prices depend on."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from accounts.admin_audited import AuditedAdmin
from config.admin import AmountsMixin, ReadOnly, plain_number, show_money
from config.admin_fields import ListField, PairsField
from config.money import format_money

from .models import (
    Cart,
    CartItem,
    Coupon,
    CouponUse,
    DiscountType,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)


class CartItemInline(ReadOnly, TabularInline):
    model = CartItem
    fields = readonly_fields = ["variant", "quantity", "seen_price_shown", "created_at"]
    seen_price_shown = show_money("seen_price")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CartItem]:
        return super().get_queryset(request).select_related("variant")


@admin.register(Cart)
class CartAdmin(ReadOnly, ModelAdmin):
    list_display = ["id", "user", "lines", "coupon_code", "created_at", "updated_at"]
    list_select_related = ["user"]
    list_filter = ["updated_at"]
    search_fields = ["id", "user__email_key"]
    search_help_text = "A whole id, or the e-mail address of its owner."
    ordering = ["-updated_at"]
    show_full_result_count = False
    fields = readonly_fields = ["id", "user", "coupon_code", "created_at", "updated_at"]
    inlines = [CartItemInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        return super().get_queryset(request).annotate(line_count=Count("items"))

    @admin.display(ordering="line_count")
    def lines(self, cart: Any) -> int:  # noqa: ANN401
        return cart.line_count


@admin.register(Coupon)
class CouponAdmin(AuditedAdmin, AmountsMixin, ModelAdmin):
    list_display = ["__str__", "takes_off", "valid_from", "valid_to", "used_count", "is_active"]
    list_filter = ["discount_type", "is_active", "is_public", "stackable"]
    search_fields = ["code", "description"]
    autocomplete_fields = ["categories", "products"]
    plain_numbers = ("value",)
    readonly_fields = ["used_count"]
    fieldsets = [
        (None, {"fields": ["code", "description", "is_active", "is_public"]}),
        (
            "What it takes off",
            {
                "fields": [
                    "discount_type",
                    "value",
                    "max_discount",
                    "buy_quantity",
                    "get_quantity",
                    "stackable",
                ]
            },
        ),
        (
            "Where and when",
            {
                "fields": [
                    "categories",
                    "products",
                    "min_purchase",
                    "first_order_only",
                    "valid_from",
                    "valid_to",
                ]
            },
        ),
        ("How often", {"fields": ["usage_limit", "usage_limit_per_user", "used_count"]}),
    ]

    @admin.display(description="takes off", ordering="value")
    def takes_off(self, coupon: Coupon) -> str:
        kind = coupon.get_discount_type_display()
        match coupon.discount_type:
            case DiscountType.FIXED:
                return format_money(coupon.value, settings.STORE_CURRENCY)
            case DiscountType.FREE_SHIPPING:
                return kind
        return f"{kind} {plain_number(coupon.value)} %"


@admin.register(CouponUse)
class CouponUseAdmin(ReadOnly, ModelAdmin):
    list_display = ["coupon", "order_id", "user", "email_key", "created_at"]
    list_select_related = ["coupon", "user"]
    search_fields = ["coupon__code", "email_key"]
    show_full_result_count = False


class TaxRateForm(forms.ModelForm):
    parts = PairsField(
        keys=("name", "rate"), required=False, help_text="A line for each, as in CGST: 9"
    )


@admin.register(TaxRate)
class TaxRateAdmin(AuditedAdmin, AmountsMixin, ModelAdmin):
    form = TaxRateForm
    plain_numbers = ("rate",)
    list_display = ["country", "state", "tax_class", "percent", "is_active"]
    list_filter = ["country", "tax_class", "is_active"]
    search_fields = ["country", "state", "tax_class"]

    @admin.display(description="rate", ordering="rate")
    def percent(self, rate: TaxRate) -> str:
        parts = ", ".join(f"{part['name']} {part['rate']}" for part in rate.parts)
        return f"{plain_number(rate.rate)} %" + (f" ({parts})" if parts else "")


class ShippingMethodForm(forms.ModelForm):
    bands = PairsField(
        keys=("up_to", "price"),
        required=False,
        help_text="A line for each, as in 1000: 49.00, by subtotal or grams. Above the last "
        "one the price counts.",
    )


class ShippingMethodInline(AmountsMixin, StackedInline):
    model = ShippingMethod
    form = ShippingMethodForm
    extra = 0
    fields = [
        ("name", "is_active"),
        ("price", "free_from", "tax_class"),
        ("band_by", "bands"),
        ("min_days", "max_days"),
        ("cash_on_delivery", "cash_on_delivery_max"),
    ]


class ShippingZoneForm(forms.ModelForm):
    countries = ListField(required=False, help_text="Codes of two letters, as in IN, LK")
    postal_codes = ListField(
        required=False,
        help_text="Codes, beginnings and ranges, as in 560001-560100, 11*. Empty for whole "
        "countries.",
    )


@admin.register(ShippingZone)
class ShippingZoneAdmin(AuditedAdmin, ModelAdmin):
    form = ShippingZoneForm
    list_display = ["name", "countries_shown", "postal_codes_shown"]
    search_fields = ["name"]
    inlines = [ShippingMethodInline]

    @admin.display(description="countries")
    def countries_shown(self, zone: ShippingZone) -> str:
        return ", ".join(zone.countries) or "-"

    @admin.display(description="postal codes")
    def postal_codes_shown(self, zone: ShippingZone) -> str:
        return ", ".join(zone.postal_codes) or "-"
