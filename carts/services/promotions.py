"""The coupons that may count for a purchase, as the pricing function takes them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Value

from ..models import CartItem, Coupon
from ..models.coupon import CouponQuerySet, CouponUse
from ..pricing import Bar, Promotion, Reason

_EXPIRED = Bar(Reason.EXPIRED, "It is no longer valid.")
_NOT_STARTED = Bar(Reason.NOT_STARTED, "It is not valid yet.")
_USED_UP = Bar(Reason.EXHAUSTED, "It was used as often as it may be.")
_USED_BY_CUSTOMER = Bar(Reason.EXHAUSTED, "You have used it as often as you may.")
_NOT_FIRST = Bar(Reason.NOT_ELIGIBLE, "It is for a first order only.")


@dataclass(frozen=True)
class Customer:
    """Who buys: a user, or a guest whose e-mail may not be known yet."""

    user_id: UUID | None = None
    email: str = ""


GUEST = Customer()

_has_ordered: list[Callable[[Customer], bool]] = []


def ask_for_orders_at(has_ordered: Callable[[Customer], bool]) -> None:
    """Let the app of orders, which stands to the right, tell who has ordered before."""
    _has_ordered[:] = [has_ordered]


def load_promotions(
    items: Sequence[CartItem],
    *,
    code: str | None,
    customer: Customer,
    at: datetime,
    is_placing: bool = False,
) -> list[Promotion]:
    """Return what may count for these items: promotions without a code, and `code` in any state.

    The items come with `variant__product__category` loaded. For placing, rows with limits are
    locked in key order, so that what is left of them is certain until the transaction ends.
    """
    found = _with_restriction(Coupon.objects.asked_by(code, at)).order_by("pk")
    coupons: list[Coupon] = list(found)
    restricted = {coupon.pk for coupon in coupons if vars(coupon)["is_restricted"]}
    if is_placing:
        coupons = _lock_limited(coupons)
    eligible = _eligible_keys(restricted, items)
    bars = _bars(coupons, customer, at)
    return [_promotion(coupon, eligible.get(coupon.pk), bars.get(coupon.pk)) for coupon in coupons]


def _with_restriction(coupons: CouponQuerySet) -> CouponQuerySet:
    """Tell of each coupon whether it is for some articles only."""
    products = Coupon.products.through.objects.filter(coupon=OuterRef("pk"))
    categories = Coupon.categories.through.objects.filter(coupon=OuterRef("pk"))
    return coupons.annotate(is_restricted=Exists(products) | Exists(categories))


def _lock_limited(coupons: list[Coupon]) -> list[Coupon]:
    """Return the coupons, those with limits under a lock and as they are now."""
    limited = [coupon.pk for coupon in coupons if coupon.has_limits]
    if not limited:
        return coupons
    rows = Coupon.objects.select_for_update().filter(pk__in=limited).order_by("pk")
    locked = {coupon.pk: coupon for coupon in rows}
    return [
        locked.get(coupon.pk, coupon)
        for coupon in coupons
        if not coupon.has_limits or coupon.pk in locked
    ]


def _eligible_keys(
    restricted: Collection[int], items: Sequence[CartItem]
) -> dict[int, frozenset[UUID]]:
    """Return, for each coupon that is for some articles only, the items that it is for."""
    if not restricted:
        return {}
    products, categories = Coupon.products.through, Coupon.categories.through
    above = {item.pk: _categories_of(item) for item in items}
    named = (
        products.objects.filter(
            coupon__in=restricted, product__in={item.variant.product_id for item in items}
        )
        .values_list("coupon_id", Value("product"), "product_id")
        .union(
            categories.objects.filter(
                coupon__in=restricted, category__in=set().union(*above.values())
            ).values_list("coupon_id", Value("category"), "category_id"),
            all=True,
        )
    )
    found = set(named)
    return {
        coupon: frozenset(
            item.pk
            for item in items
            if (coupon, "product", item.variant.product_id) in found
            or any((coupon, "category", category) in found for category in above[item.pk])
        )
        for coupon in restricted
    }


def _categories_of(item: CartItem) -> set[int]:
    """Return the category of an item's product and all above it."""
    category = item.variant.product.category
    return {int(part) for part in category.path.split("/") if part} | {category.pk}


def _bars(coupons: Iterable[Coupon], customer: Customer, at: datetime) -> dict[int, Bar]:
    """Say what keeps the customer from using each coupon, where something does."""
    bars = {coupon.pk: bar for coupon in coupons if (bar := _own_bar(coupon, at))}
    open_ones = [coupon for coupon in coupons if coupon.pk not in bars]
    per_user = [coupon.pk for coupon in open_ones if coupon.usage_limit_per_user is not None]
    used = _count_uses(per_user, customer) if per_user else {}
    for coupon in open_ones:
        limit = coupon.usage_limit_per_user
        if limit is not None and used.get(coupon.pk, 0) >= limit:
            bars[coupon.pk] = _USED_BY_CUSTOMER
    firsts = [c.pk for c in open_ones if c.first_order_only and c.pk not in bars]
    if firsts and any(has_ordered(customer) for has_ordered in _has_ordered):
        bars |= dict.fromkeys(firsts, _NOT_FIRST)
    return bars


def _own_bar(coupon: Coupon, at: datetime) -> Bar | None:
    if not coupon.is_active or (coupon.valid_to and coupon.valid_to <= at):
        return _EXPIRED
    if coupon.valid_from and coupon.valid_from > at:
        return _NOT_STARTED
    if coupon.usage_limit is not None and coupon.used_count >= coupon.usage_limit:
        return _USED_UP
    return None


def _count_uses(coupon_ids: Collection[int], customer: Customer) -> dict[int, int]:
    uses = CouponUse.objects.made_by(customer.user_id, customer.email)
    counted = (
        uses.filter(coupon__in=coupon_ids).order_by().values_list("coupon").annotate(Count("pk"))
    )
    return dict(counted)


def _promotion(coupon: Coupon, keys: frozenset[UUID] | None, bar: Bar | None) -> Promotion:
    return Promotion(
        key=coupon.pk,
        discount_type=coupon.discount_type,
        value=coupon.value,
        code=coupon.code,
        description=coupon.description,
        min_purchase=coupon.min_purchase,
        max_discount=coupon.max_discount,
        buy_quantity=coupon.buy_quantity or 0,
        get_quantity=coupon.get_quantity or 0,
        stackable=coupon.stackable,
        line_keys=keys,
        bar=bar,
    )
