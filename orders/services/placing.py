"""Turning a cart into an order, in one transaction."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.tokens import lock_user
from carts.models import Cart, CartItem, read_code
from carts.services.access import Caller, lock_cart
from carts.services.availability import refuse_shortage
from carts.services.coupons import count_uses, refuse_barred
from carts.services.lines import empty_cart
from carts.services.promotions import Customer
from carts.services.quotes import Destination, Quote, methods_for, quote_items
from catalog.services.stock import reserve_stock
from config.errors import InvalidInput
from config.events import emit
from config.transactions import TryAgain, is_conflict, retried

from .. import signals
from ..errors import CartEmpty, PriceChanged
from ..models import ActorKind, Order, OrderLine
from ..models.order import new_number
from .figures import refresh_figures
from .lifecycle import Actor, record_payment, write_history
from .snapshots import amounts_of, snapshots_of, totals_of

Address = dict[str, str]


class CartsCode(Enum):
    """Stands for a code that a customer did not name: the cart's counts."""

    OF_CART = "of_cart"


OF_CART = CartsCode.OF_CART


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
    coupon_code: str | CartsCode | None = OF_CART,
    notes: str = "",
    expected_total: Decimal | None = None,
) -> Order:
    """Turn a cart into an order and empty it, or raise and change nothing.

    Without a `coupon_code` the cart's counts; None is none.
    """
    cart = lock_cart(Caller(user=user, named_id=cart_id))
    items = list(cart.items.with_variants()) if cart else []
    if cart is None or not items:
        raise CartEmpty()
    if user:
        lock_user(user.pk)  # an erasure that comes first leaves nobody to sell to
    refuse_shortage({item.variant: item.quantity for item in items})  # and what is not sold
    now = timezone.now()
    customer = Customer(user.pk if user else None, email)
    code = code_for(cart, coupon_code)
    quote = _quote(
        items,
        now,
        shipping_address,
        shipping_method_id=shipping_method_id,
        code=code,
        customer=customer,
        is_placing=True,
    )
    refuse_barred(quote.totals.refused)
    order = Order(
        user=user,
        email=email,
        shipping_address=shipping_address,
        billing_address=billing_address or shipping_address,
        ship_country=shipping_address["country"],
        coupon_code=code or "",
        notes=notes,
        created_at=now,
        expires_at=now + settings.ORDER_PAYMENT_WINDOW,
        **amounts_of(quote),
    )
    lines = snapshots_of(order, items, quote.totals)
    if expected_total is not None and expected_total != order.total_amount:
        raise PriceChanged(**totals_of(order, lines))
    count_uses(order_id=order.pk, customer=customer, discounts=quote.totals.discounts)
    reserve_stock(demand={line.variant_id: line.quantity for line in lines}, order_id=order.pk)
    _insert(order)
    OrderLine.objects.bulk_create(lines)
    write_history(order, "", Actor(ActorKind.CUSTOMER, user))
    empty_cart(cart)
    emit(signals.order_placed, order_id=order.pk)
    refresh_figures(user_ids=[order.user_id])
    if not order.total_amount:
        record_payment(order, Decimal(0), gateway="")
    return order


def code_for(cart: Cart, asked: str | CartsCode | None) -> str | None:
    """Return the code that counts for an order of a cart."""
    return read_code(cart.coupon_code if isinstance(asked, CartsCode) else asked)


def _quote(items: list[CartItem], now: datetime, address: Address, **asked: Any) -> Quote:  # noqa: ANN401
    destination = Destination(address["country"], address["state"], address["postal_code"])
    try:
        return quote_items(items, at=now, destination=destination, **asked)
    except InvalidInput:
        if methods_for([], destination=destination):
            raise
        raise InvalidInput(shipping_address="We do not send to this place. Give another address.")


def _insert(order: Order) -> None:
    """Write the order; where another one has its number already, all is done again."""
    order.number = new_number()
    try:
        order.save(force_insert=True)
    except IntegrityError as error:
        raise error if is_conflict(error) else TryAgain() from error
