"""A cart as its owner sees it: today's prices, what could be had, and what changed meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from catalog.models import Product, Variant
from config.money import format_money, round_money

from ..models import Cart, CartItem
from ..pricing import ZERO, Discount, PricedLine, Refused
from .availability import available_pieces, shortage_message
from .promotions import GUEST, Customer
from .quotes import quote_items


@dataclass(frozen=True)
class ShownLine:
    """A line of a cart; one that is no longer sold costs nothing, for it cannot be bought."""

    id: UUID
    product: Product
    variant: Variant
    quantity: int
    unit_price: Decimal
    line_total: Decimal
    available: int
    message: str | None


@dataclass(frozen=True)
class CartOverview:
    """A cart with everything the API shows of it; without an id nothing is stored yet."""

    id: UUID | None
    currency: str
    items: list[ShownLine]
    subtotal: Decimal
    discount_amount: Decimal
    total_price: Decimal
    coupon_code: str | None
    version: int
    updated_at: datetime | None
    discounts: tuple[Discount, ...]
    refused: Refused | None

    @property
    def item_count(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def messages(self) -> list[str]:
        return [item.message for item in self.items if item.message]


def describe_cart(cart: Cart | None, *, at: datetime) -> CartOverview:
    """Price a cart as it is at a moment; no cart is an empty one."""
    items = list(cart.items.with_variants()) if cart else []
    code = (cart.coupon_code or None) if cart else None
    totals = quote_items(
        [item for item in items if item.variant.is_sellable],
        at=at,
        code=code,
        customer=Customer(cart.user_id) if cart else GUEST,
    ).totals
    priced = {line.line.key: line for line in totals.lines}
    return CartOverview(
        id=cart.pk if cart else None,
        currency=totals.currency,
        items=[_show(item, priced.get(item.pk), at) for item in items],
        subtotal=totals.subtotal,
        discount_amount=totals.discount_amount,
        total_price=totals.goods_total,
        coupon_code=code,
        version=cart.version if cart else 0,
        updated_at=cart.updated_at if cart else None,
        discounts=totals.discounts,
        refused=totals.refused,
    )


def _show(item: CartItem, priced: PricedLine | None, at: datetime) -> ShownLine:
    price = round_money(item.variant.price_at(at), settings.STORE_CURRENCY)
    return ShownLine(
        id=item.pk,
        product=item.variant.product,
        variant=item.variant,
        quantity=item.quantity,
        unit_price=price,
        line_total=priced.line_total if priced else ZERO,
        available=available_pieces(item.variant),
        message=tell_changes(item, at),
    )


def tell_changes(item: CartItem, at: datetime) -> str | None:
    """Say what is different from when the line was last changed, or nothing."""
    variant, currency = item.variant, settings.STORE_CURRENCY
    price = round_money(variant.price_at(at), currency)
    if not variant.is_sellable:
        return f"{shortage_message(variant)} It does not count: remove it to check out."
    texts = []
    if item.quantity > available_pieces(variant):
        texts.append(shortage_message(variant))
    seen = round_money(item.seen_price, currency)
    if seen != price:
        way = "up" if price > seen else "down"
        texts.append(
            f"The price of '{variant.product.name}' went {way} from "
            f"{format_money(seen, currency)} to {format_money(price, currency)} {currency}."
        )
    return " ".join(texts) or None
