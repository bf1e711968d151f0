"""The code of a cart, and the uses of coupons that orders count and give back."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from config.transactions import retried

from ..errors import CouponUnavailable
from ..models import Cart, Coupon, CouponUse, read_code
from ..pricing import Discount, Line, Reason, Refused, Totals, calculate
from .access import Caller, Versions, check_version, lock_cart
from .promotions import Customer, load_promotions
from .quotes import quote_items


def try_on_cart(cart: Cart, *, code: str, at: datetime) -> Totals:
    """Return what a cart would cost with a code."""
    items = cart.items.with_variants().sellable()
    customer = Customer(cart.user_id)
    return quote_items(items, at=at, code=read_code(code), customer=customer).totals


def try_on_subtotal(subtotal: Decimal, *, code: str, user_id: UUID | None, at: datetime) -> Totals:
    """Return what a purchase would cost with a code: one piece of which no more is known."""
    code = read_code(code) or ""
    promotions = load_promotions([], code=code, customer=Customer(user_id), at=at)
    piece = Line(key=None, unit_price=subtotal, quantity=1)
    return calculate([piece], currency=settings.STORE_CURRENCY, promotions=promotions, code=code)


@retried
@transaction.atomic
def set_coupon(*, caller: Caller, code: str, versions: Versions = None) -> Cart:
    """Put a code on the caller's cart, or raise CouponUnavailable where it cannot be used.

    A cart that is not there yet is an empty one: no code is for its articles.
    """
    cart = lock_cart(caller) or Cart(user=caller.user)
    check_version(cart, versions)
    cart.coupon_code = read_code(code) or ""
    refuse_barred(try_on_cart(cart, code=code, at=timezone.now()).refused)
    cart.save(update_fields=["coupon_code", "updated_at"])
    return cart


@retried
@transaction.atomic
def remove_coupon(*, caller: Caller, versions: Versions = None) -> Cart | None:
    """Take the code off the caller's cart."""
    cart = lock_cart(caller)
    if cart is None:
        return None
    check_version(cart, versions)
    cart.coupon_code = ""
    cart.save(update_fields=["coupon_code", "updated_at"])
    return cart


def refuse_barred(refused: Refused | None) -> None:
    """Raise CouponUnavailable for a code that cannot be used; one that is beaten passes."""
    if refused and refused.is_barred:
        raise CouponUnavailable(refused.reason, refused.message)


def count_uses(*, order_id: UUID, customer: Customer, discounts: Iterable[Discount]) -> None:
    """Count a use of each promotion that took something off an order, or raise past a limit.

    Rows with limits are locked since they were loaded; the others follow in key order.
    """
    used = sorted(discount.promotion.key for discount in discounts if discount.amount)
    for coupon_id in used:
        is_left = Q(usage_limit=None) | Q(used_count__lt=F("usage_limit"))
        rows = Coupon.objects.filter(is_left, pk=coupon_id)
        if not rows.update(used_count=F("used_count") + 1):
            raise CouponUnavailable(Reason.EXHAUSTED, "An offer in the cart was just used up.")
    CouponUse.objects.bulk_create(
        CouponUse(
            coupon_id=coupon_id,
            order_id=order_id,
            user_id=customer.user_id,
            email_key="" if customer.user_id else customer.email.lower(),
        )
        for coupon_id in used
    )


def return_uses(*, order_id: UUID) -> None:
    """Give back what a locked order has used of coupons, because it is cancelled."""
    uses = list(CouponUse.objects.filter(order_id=order_id).select_related("coupon"))
    # Those with limits first, as placing locks them before it counts the others.
    for use in sorted(uses, key=lambda use: (not use.coupon.has_limits, use.coupon_id)):
        rows = Coupon.objects.filter(pk=use.coupon_id, used_count__gt=0)
        rows.update(used_count=F("used_count") - 1)
    CouponUse.objects.filter(pk__in=[use.pk for use in uses]).delete()


def forget_guests(*, order_ids: Iterable[UUID]) -> None:
    """Keep the uses of coupons by these orders, without who made them."""
    CouponUse.objects.filter(order_id__in=order_ids).update(email_key="")
