"""What carts hold about a person, for their export."""

from collections.abc import Iterable, Iterator

from django.db.models import F

from accounts.models import User
from accounts.services.exporting import CHUNK, Part, Row
from config.money import format_money

from ..models import CartItem, CouponUse, WishlistItem


def _cart(user: User) -> Iterator[Row]:
    rows = CartItem.objects.filter(cart__user=user).order_by("created_at", "pk")
    found = rows.values(
        "quantity",
        "seen_price",
        "created_at",
        sku=F("variant__sku"),
        product_name=F("variant__product__name"),
        currency=F("variant__product__currency"),
    )
    for row in found:
        yield {**row, "seen_price": format_money(row["seen_price"], row["currency"])}


def _wishlist(user: User) -> Iterable[Row]:
    rows = WishlistItem.objects.filter(user=user).order_by("pk")
    return rows.values("created_at", product_name=F("product__name"), sku=F("variant__sku"))


def _coupon_uses(user: User) -> Iterable[Row]:
    rows = CouponUse.objects.filter(user=user).order_by("pk")
    names = {"code": F("coupon__code"), "description": F("coupon__description")}
    return rows.values("order_id", "created_at", **names).iterator(CHUNK)


PARTS: dict[str, Part] = {"cart": _cart, "wishlist": _wishlist, "coupon_uses": _coupon_uses}
