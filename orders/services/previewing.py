"""What an order would come to, before it is placed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from carts.models import CartItem
from carts.services.access import Caller, find_cart
from carts.services.overview import tell_changes
from carts.services.promotions import Customer
from carts.services.quotes import Destination, Quote, QuotedMethod, quote_items
from config.errors import InvalidInput

from ..errors import CartEmpty
from ..models import Order, OrderLine
from .gateways import Purchase, gateways_for
from .placing import OF_CART, CartsCode, code_for
from .snapshots import snapshots_of, tax_lines_of


@dataclass(frozen=True)
class Preview:
    """An order as it would be; None is what cannot be computed yet."""

    quote: Quote
    coupon_code: str | None
    items: list[OrderLine]
    tax_lines: list[dict[str, str]] | None
    gateways: list[str]
    messages: list[str]

    @property
    def shipping_methods(self) -> list[QuotedMethod] | None:
        return self.quote.methods


def preview_order(
    *,
    cart_id: UUID | None,
    user: User | None,
    email: str = "",
    destination: Destination | None = None,
    shipping_method_id: int | None = None,
    coupon_code: str | CartsCode | None = OF_CART,
) -> Preview:
    """Return what an order of the cart would come to, or raise CartEmpty; nothing is written.

    What could not be had, and a method that does not serve the place, are messages.
    """
    cart = find_cart(Caller(user=user, named_id=cart_id))
    items = list(cart.items.with_variants()) if cart else []
    if cart is None or not items:
        raise CartEmpty()
    now = timezone.now()
    code = code_for(cart, coupon_code)
    sellable = [item for item in items if item.variant.is_sellable]
    quote, fault = _quote(
        sellable,
        now,
        code,
        Customer(user.pk if user else None, email),
        destination,
        shipping_method_id,
    )
    totals = quote.totals
    is_taxed = totals.tax_amount is not None
    messages = [text for item in items if (text := tell_changes(item, now))]
    return Preview(
        quote=quote,
        coupon_code=code,
        items=_lines(sellable, quote),
        tax_lines=tax_lines_of(totals.tax_lines, totals.currency) if is_taxed else None,
        gateways=gateways_for(Purchase(totals.currency, totals.total_amount, quote.method)),
        messages=[*messages, fault] if fault else messages,
    )


def _quote(
    items: list[CartItem],
    now: datetime,
    code: str | None,
    customer: Customer,
    destination: Destination | None,
    method_id: int | None,
) -> tuple[Quote, str | None]:
    """Price the items, without a method that does not serve the place, which is then told."""

    def quote(shipping_method_id: int | None) -> Quote:
        return quote_items(
            items,
            at=now,
            code=code,
            customer=customer,
            destination=destination,
            shipping_method_id=shipping_method_id,
        )

    try:
        found, fault = quote(method_id), None
    except InvalidInput as error:
        found, fault = quote(None), error.details["shipping_method"][0]
    if destination and not found.methods:
        fault = "We do not send to this place. Give another address."
    return found, fault


def _lines(items: list[CartItem], quote: Quote) -> list[OrderLine]:
    """Return the lines as the order would have them, without ids."""
    lines = snapshots_of(Order(currency=quote.totals.currency), items, quote.totals)
    for line in lines:
        line.id = None
        if not quote.is_taxed:
            line.tax_amount = None  # type: ignore[assignment]
    return lines
