"""Orders of people who were erased: kept for the books, without what names a person."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from carts.services.coupons import forget_guests
from config.events import emit
from config.idempotency import forget_answers
from config.importing import batched
from config.transactions import retried

from ..models import (
    ActorKind,
    Invoice,
    Order,
    OrderHistory,
    OrderStatus,
    ReturnLine,
    ReturnRequest,
    Shipment,
)
from ..signals import orders_erased
from .customers import guest_orders

# Nothing is sent any more: until then the address is needed, and later it is not.
OVER = (OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.RETURNED)
KEPT_OF_ADDRESS = ("country", "state")
_BATCH = 100


@retried
@transaction.atomic
def erase_customer(*, user_id: UUID) -> None:
    """Take what names a person off a user's orders, now or, while under way, at their end."""
    own = Order.objects.filter(user_id=user_id, erased_at=None)
    _erase_or_mark(own.values_list("pk", flat=True))


@retried
@transaction.atomic
def erase_guest(*, email: str) -> int:
    """Do the same for the orders of a guest, known by an address; return how many there were."""
    return _erase_or_mark(guest_orders(email))


@retried
@transaction.atomic
def erase_ended_order(*, order_id: UUID) -> None:
    """Take what names a person off an order that is over now and whose customer was erased."""
    order = Order.objects.select_for_update().filter(pk=order_id, status__in=OVER).first()
    if order and (order.erases_at_end or (order.user and order.user.erased_at)):
        _erase([order])


def erase_old_guest_orders() -> int:
    """Erase guests of orders over for GUEST_ORDER_RETENTION_DAYS, 0 being never; return how many.

    What was never sent nor cancelled, such as imported sales, is as old as its order.
    """
    if not settings.GUEST_ORDER_RETENTION_DAYS:
        return 0
    old = _guest_orders_before(timezone.now() - timedelta(days=settings.GUEST_ORDER_RETENTION_DAYS))
    erased = 0
    while ids := list(old.order_by("created_at", "pk").values_list("pk", flat=True)[:_BATCH]):
        erased += _erase_batch(ids)
    return erased


def _guest_orders_before(moment: object) -> QuerySet[Order]:
    is_old = Q(delivered_at=None) | Q(delivered_at__lt=moment)
    is_old &= Q(cancelled_at=None) | Q(cancelled_at__lt=moment)
    orders = Order.objects.filter(is_old, user=None, status__in=OVER, created_at__lt=moment)
    return orders.filter(erased_at=None).exclude(email="")


@retried
@transaction.atomic
def _erase_batch(ids: Sequence[UUID]) -> int:
    return _erase_or_mark(ids)


def _erase_or_mark(ids: Iterable[UUID]) -> int:
    """Lock orders, all of them: one that is ending at this moment is looked at when it has."""
    number = 0
    for batch in batched(sorted(ids), _BATCH):
        rows = Order.objects.select_for_update().filter(pk__in=batch).order_by("pk")
        orders = [order for order in rows if order.erased_at is None]
        _erase([order for order in orders if order.status in OVER])
        under_way = [order.pk for order in orders if order.status not in OVER]
        Order.objects.filter(pk__in=under_way).update(erases_at_end=True)
        number += len(orders)
    return number


def _erase(orders: Sequence[Order]) -> None:
    """Erase the customers of locked orders, together."""
    if not orders:
        return
    ids = [order.pk for order in orders]
    now = timezone.now()
    texts = dict.fromkeys(("email", "notes", "staff_note"), "")
    Order.objects.filter(pk__in=ids).update(**texts, erased_at=now, updated_at=now)
    _empty_addresses(Order.objects.filter(pk__in=ids))
    _empty_addresses(Invoice.objects.filter(order__in=ids))
    Shipment.objects.filter(order__in=ids).update(tracking_number="")
    ReturnRequest.objects.filter(order__in=ids).update(note="")
    ReturnLine.objects.filter(request__order__in=ids).update(reason="")
    written = OrderHistory.objects.filter(order__in=ids).exclude(actor_kind=ActorKind.SYSTEM)
    written.update(note="")
    forget_guests(order_ids=ids)
    forget_answers(ids=ids)
    emit(orders_erased, order_ids=ids)


def _empty_addresses(rows: QuerySet[Order] | QuerySet[Invoice]) -> None:
    """Leave of addresses the places: one statement for all rows of the same ones."""
    same: dict[str, list[UUID]] = defaultdict(list)
    for pk, shipping, billing in rows.values_list("pk", "shipping_address", "billing_address"):
        same[json.dumps([_place_of(shipping), _place_of(billing)])].append(pk)
    for places, pks in same.items():
        shipping, billing = json.loads(places)
        rows.filter(pk__in=pks).update(shipping_address=shipping, billing_address=billing)


def _place_of(address: dict[str, str]) -> dict[str, str]:
    """Keep what taxes and reports go by; the other fields are there and empty."""
    return {field: text if field in KEPT_OF_ADDRESS else "" for field, text in address.items()}
