"""Writes imported orders: paid and delivered at their own time, without stock or messages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from catalog.importing.online_retail import SOURCE, Row
from config.bulk import insert_rows
from config.importing import in_store_time
from config.transactions import retried

from ..models import Order, OrderLine, OrderStatus, PaymentStatus
from ..services.figures import refresh_figures
from .documents import Document


class Article(NamedTuple):
    """The product and variant that lines of one code point to."""

    product_id: int
    variant_id: int


@dataclass
class OrderPlan:
    """What a batch has to write: whole orders, and lines that orders lack."""

    new: list[Document] = field(default_factory=list)
    missing: dict[UUID, Document] = field(default_factory=dict)  # with the missing rows only
    unchanged: int = 0


def plan_orders(documents: list[Document]) -> OrderPlan:
    """Compare a batch with what is there, line by line."""
    known = dict(
        Order.objects.filter(
            external_source=SOURCE, external_id__in=[doc.invoice for doc in documents]
        ).values_list("external_id", "pk")
    )
    there = _positions(known.values())
    plan = OrderPlan()
    for document in documents:
        key = known.get(document.invoice)
        if key is None:
            plan.new.append(document)
        elif rows := [row for row in document.rows if row.position not in there[key]]:
            plan.missing[key] = Document(document.invoice, rows)
        else:
            plan.unchanged += 1
    return plan


def _positions(order_ids: Iterable[UUID]) -> dict[UUID, set[int]]:
    there: dict[UUID, set[int]] = defaultdict(set)
    ids = list(order_ids)
    if ids:
        lines = OrderLine.objects.filter(order_id__in=ids).order_by()
        for order_id, position in lines.values_list("order_id", "position"):
            there[order_id].add(position)
    return there


@retried
@transaction.atomic
def write_orders(plan: OrderPlan, articles: dict[str, Article], customers: dict[str, UUID]) -> None:
    """Write a batch of orders with all their lines, or nothing of it."""
    orders = [_new_order(document, customers) for document in plan.new]
    Order.objects.bulk_create(orders)
    completed = _complete(plan.missing)
    insert_rows(OrderLine, _LINE_COLUMNS, _new_lines(plan, orders, articles))
    refresh_figures(user_ids=[*(order.user_id for order in orders), *completed])


def _new_order(document: Document, customers: dict[str, UUID]) -> Order:
    time, total = in_store_time(document.time), document.total
    return Order(
        number=f"OR-{document.invoice}",
        user_id=customers.get(document.customer),
        status=OrderStatus.DELIVERED,
        payment_status=PaymentStatus.PAID,
        currency=settings.STORE_CURRENCY,
        subtotal=total,
        total_amount=total,
        amount_paid=total,
        ship_country=document.country,
        created_at=time,
        paid_at=time,
        shipped_at=time,
        delivered_at=time,
        external_source=SOURCE,
        external_id=document.invoice,
    )


def _complete(missing: dict[UUID, Document]) -> list[UUID | None]:
    """Add to orders what the lines cost that they lacked; return whose they are.

    They keep their earliest time.
    """
    owners = []
    for order in Order.objects.select_for_update().filter(pk__in=missing).order_by("pk"):
        document = missing[order.pk]
        order.subtotal += document.total
        order.total_amount += document.total
        order.amount_paid += document.total
        time = min(order.created_at, in_store_time(document.time))
        order.created_at = order.paid_at = order.shipped_at = order.delivered_at = time
        order.save()
        owners.append(order.user_id)
    return owners


def _new_lines(
    plan: OrderPlan, orders: list[Order], articles: dict[str, Article]
) -> Iterator[tuple[Any, ...]]:
    keys = [order.pk for order in orders] + list(plan.missing)
    documents = plan.new + list(plan.missing.values())
    for key, document in zip(keys, documents, strict=True):
        for row in document.rows:
            yield _new_line(key, row, articles[row.code])


# A file has half a million of these: they are not worth a model instance each.
_LINE_COLUMNS = (
    "id",
    "order",
    "position",
    "product",
    "variant",
    "sku",
    "name",
    "quantity",
    "shipped_quantity",
    "unit_price",
    "line_total",
)


def _new_line(order_id: UUID, row: Row, article: Article) -> tuple[Any, ...]:
    return (
        uuid4(),
        order_id,
        row.position,
        article.product_id,
        article.variant_id,
        row.code,
        row.name or row.code,
        row.quantity,
        row.quantity,
        row.price,
        row.price * row.quantity,
    )
