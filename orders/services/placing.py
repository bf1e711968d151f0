"""Turning a cart into an order, in one transaction."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from carts import pricing
from carts.models import CartItem
from carts.services.access import Caller, lock_cart
from carts.services.availability import refuse_shortage
from carts.services.lines import empty_cart
from carts.services.quotes import Destination, Quote, methods_for, quote_items
from catalog.services.stock import reserve_stock
from config.errors import InvalidInput
from config.events import emit
from config.money import format_money
from config.transactions import retried

from .. import signals
from ..errors import CartEmpty, PriceChanged
from ..models import ActorKind, Order, OrderLine
from ..models.order import new_number
from .lifecycle import Actor, record_payment, write_history

NUMBER_TRIES = 5
Address = dict[str, str]


@retried
@transaction.atomic
def place_order(
    *,
    cart_id: UUID | None,
    user: User | None,
    email: str,
    shipping_address: Address,
    billing_address: Address | None = None,
    shipping_method_id: int,
    notes: str = "",
    expected_total: Decimal | None = None,
) -> Order:
    """Turn a cart into an order and empty it, or raise and change nothing."""
    cart = lock_cart(Caller(user=user, named_id=cart_id))
    items = list(cart.items.with_variants()) if cart else []
    if cart is None or not items:
        raise CartEmpty()
    refuse_shortage({item.variant: item.quantity for item in items})  # and what is not sold
    now = timezone.now()
    quote = _quote(items, now, shipping_address, shipping_method_id)
    order = Order(
        user=user,
        email=email,
        shipping_address=shipping_address,
        billing_address=billing_address or shipping_address,
        ship_country=shipping_address["country"],
        notes=notes,
        created_at=now,
        expires_at=now + settings.ORDER_PAYMENT_WINDOW,
        **_amounts(quote),
    )
    lines = _snapshots(order, items, quote.totals)
    if expected_total is not None and expected_total != order.total_amount:
        raise PriceChanged(**_as_now(order, lines))
    reserve_stock(demand={line.variant_id: line.quantity for line in lines}, order_id=order.pk)
    _insert(order)
    OrderLine.objects.bulk_create(lines)
    write_history(order, "", Actor(ActorKind.CUSTOMER, user))
    empty_cart(cart)
    emit(signals.order_placed, order_id=order.pk)
    if not order.total_amount:
        record_payment(order, Decimal(0), gateway="")
    return order


def _quote(items: list[CartItem], now: datetime, address: Address, method_id: int) -> Quote:
    destination = Destination(address["country"], address["state"], address["postal_code"])
    try:
        return quote_items(items, at=now, destination=destination, shipping_method_id=method_id)
    except InvalidInput:
        if methods_for([], destination=destination):
            raise
        raise InvalidInput(shipping_address="We do not send to this place. Give another address.")


def _amounts(quote: Quote) -> dict[str, object]:
    """Return what an order remembers of its quote."""
    totals, method = quote.totals, quote.method
    assert method is not None  # noqa: S101  as the quote was asked with a method
    return {
        "currency": totals.currency,
        "prices_include_tax": settings.PRICES_INCLUDE_TAX,
        "subtotal": totals.subtotal,
        "discount_amount": totals.discount_amount,
        "shipping_cost": totals.shipping_cost,
        "tax_amount": totals.tax_amount,
        "total_amount": totals.total_amount,
        "tax_lines": _tax_lines(totals.tax_lines, totals.currency),
        "shipping_method_id": method.pk,
        "shipping_method_name": method.name,
    }


def _snapshots(order: Order, items: list[CartItem], totals: pricing.Totals) -> list[OrderLine]:
    return [
        _snapshot(order, position, item, priced)
        for position, (item, priced) in enumerate(zip(items, totals.lines, strict=True), start=1)
    ]


def _snapshot(order: Order, position: int, item: CartItem, priced: pricing.PricedLine) -> OrderLine:
    variant, product = item.variant, item.variant.product
    return OrderLine(
        order=order,
        position=position,
        product=product,
        variant=variant,
        sku=variant.sku,
        name=product.name,
        variant_name=variant.name,
        attributes=variant.attributes,
        hsn_code=product.hsn_code,
        quantity=item.quantity,
        unit_price=priced.line.unit_price,
        line_total=priced.line_total,
        discount_amount=priced.discount_amount,
        tax_amount=priced.tax_amount,
        tax_parts=_tax_lines(priced.tax_parts, order.currency),
    )


def _tax_lines(parts: Iterable[pricing.TaxLine], currency: str) -> list[dict[str, str]]:
    return [
        {
            "name": part.name,
            "rate": _percent(part.rate),
            "amount": format_money(part.amount, currency),
        }
        for part in parts
    ]


def _percent(rate: Decimal) -> str:
    """Write a rate with two decimals, and with more only where it has them."""
    short = rate.quantize(Decimal("0.01"))
    return str(short) if short == rate else f"{rate.normalize():f}"


def _as_now(order: Order, lines: list[OrderLine]) -> dict[str, Any]:
    """Return the totals that the order would have, as the API writes amounts."""

    def written(row: Order | OrderLine, *names: str) -> dict[str, str]:
        return {name: format_money(getattr(row, name), order.currency) for name in names}

    amounts = ("subtotal", "discount_amount", "shipping_cost", "tax_amount", "total_amount")
    line_amounts = ("unit_price", "discount_amount", "tax_amount", "line_total")
    items = [
        {
            "product": line.product_id,
            "variant": line.variant_id,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            **written(line, *line_amounts),
        }
        for line in lines
    ]
    return written(order, *amounts) | {"items": items}


def _insert(order: Order) -> None:
    """Write the order under a number that no other one has."""
    for _ in range(NUMBER_TRIES):
        order.number = new_number()
        try:
            with transaction.atomic():
                order.save(force_insert=True)
            return
        except IntegrityError:
            if not Order.objects.filter(number=order.number).exists():
                raise
    raise RuntimeError("No free order number was found.")
