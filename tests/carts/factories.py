"""Plain makers of carts and of what prices depend on."""

from carts.models import Cart, CartItem, Coupon, ShippingMethod, ShippingZone, TaxRate
from tests.catalog.factories import make_variant


def make_cart(*, user=None, **fields):
    return Cart.objects.create(user=user, **fields)


def make_item(cart=None, variant=None, quantity=1, **fields):
    """A line that saw the price that its variant has."""
    variant = variant or make_variant()
    fields = {"seen_price": variant.price} | fields
    return CartItem.objects.create(
        cart=cart or make_cart(), variant=variant, quantity=quantity, **fields
    )


def make_method(*, countries=("IN",), postal_codes=(), zone=None, **fields):
    zone = zone or ShippingZone.objects.create(
        name=f"Zone {ShippingZone.objects.count() + 1}",
        countries=list(countries),
        postal_codes=list(postal_codes),
    )
    fields = {"name": "Standard", "price": "49.00"} | fields
    return ShippingMethod.objects.create(zone=zone, **fields)


def make_tax_rate(**fields):
    fields = {"country": "IN", "rate": "18"} | fields
    return TaxRate.objects.create(**fields)


def make_coupon(code="SAVE10", **fields):
    """A coupon of 10 percent; without a code a promotion that applies by itself."""
    products, categories = fields.pop("products", ()), fields.pop("categories", ())
    fields = {"discount_type": "percentage", "value": "10"} | fields
    coupon = Coupon.objects.create(code=code, **fields)
    coupon.products.set(products)
    coupon.categories.set(categories)
    coupon.refresh_from_db()
    return coupon
