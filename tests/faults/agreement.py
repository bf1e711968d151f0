"""Whether order, payments, refunds, gateway, stock, mails and invoices say the same."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from catalog.models import Stock, StockMovement
from notifications.models import Message
from orders.models import CreditNote, Invoice, NumberSeries, Order
from payments.models import GatewayEvent, Payment, Refund, RefundState

from .purchases import ON_HAND, QUANTITY


@dataclass(frozen=True)
class Ending:
    """How an order must end, whatever fault struck on the way."""

    status: str
    payment_status: str
    mails: tuple[str, ...]
    reserved: int = QUANTITY
    paid: Decimal = Decimal(1)  # of the total
    refunded: Decimal = Decimal(0)
    is_sale: bool = True
    needs_person: bool = False


BOUGHT = ("order_placed", "payment_received", "order_confirmed")
PAID = Ending("confirmed", "paid", BOUGHT)
REFUNDED = Ending("confirmed", "refunded", (*BOUGHT, "payment_refunded"), refunded=Decimal(1))
HALF_REFUNDED = Ending(
    "confirmed",
    "partially_refunded",
    (*BOUGHT, "payment_refunded"),
    refunded=Decimal("0.5"),
)
CANCELLED = Ending(
    "cancelled",
    "refunded",
    (*BOUGHT, "order_cancelled", "payment_refunded"),
    reserved=0,
    refunded=Decimal(1),
)
TOO_LATE = Ending(
    "cancelled",
    "refunded",
    ("order_placed", "order_cancelled", "payment_refunded"),
    reserved=0,
    refunded=Decimal(1),
    is_sale=False,
    needs_person=True,
)
UNPAID = Ending(
    "cancelled",
    "pending",
    ("order_placed", "order_cancelled"),
    reserved=0,
    paid=Decimal(0),
    is_sale=False,
)


def disagreements(purchase, ending, *, mail_may_repeat=False):
    """What does not fit, each as a sentence; none where all is well."""
    order = Order.objects.get(pk=purchase.order.pk)
    books = purchase.side.books()
    return [
        *purchase.disagreements,
        *_of_order(order, ending),
        *_of_payments(order, ending, books),
        *_of_gateway_orders(order, books),
        *_of_refunds(order, books),
        *_of_stock(purchase, ending),
        *_of_mails(order, ending, mail_may_repeat),
        *_of_invoices(order, ending),
        *_of_open_work(order, ending),
    ]


def differ(name, is_so, must_be):
    return [] if is_so == must_be else [f"{name}: {is_so} instead of {must_be}"]


def _of_order(order, ending):
    moves = Counter(order.history.values_list("to_status", flat=True))
    twice = [f"moved to {status} {times} times" for status, times in moves.items() if times > 1]
    total = order.total_amount
    return [
        *twice,
        *differ("status", order.status, ending.status),
        *differ("payment_status", order.payment_status, ending.payment_status),
        *differ("amount_paid", order.amount_paid, total * ending.paid),
        *differ("amount_refunded", order.amount_refunded, total * ending.refunded),
    ]


def _of_payments(order, ending, books):
    """Every capture at the gateway is one row of ours, of the same amounts."""
    receipts = set(order.payments.values_list("receipt", flat=True))
    at_gateway = Counter(
        (each.id, each.amount, _sent_back(books, each.receipt))
        for each in books.captured
        if each.receipt in receipts
    )
    rows = [payment for payment in order.payments.all() if payment.is_captured]
    ours = Counter(
        (row.gateway_payment_id, row.amount_captured, row.amount_refunded) for row in rows
    )
    return [
        *differ("captures", ours, at_gateway),
        *differ("number of captures", len(rows), int(ending.paid > 0)),
        *[f"{row} is surplus" for row in rows if row.is_surplus],
    ]


def _sent_back(books, receipt):
    return sum(
        (each.amount for each in books.sent_back if each.receipt == receipt and each.is_done),
        Decimal(0),
    )


def _of_gateway_orders(order, books):
    """The gateway made one thing for a receipt at most, and only for receipts of ours."""
    made = Counter(each.receipt for each in books.made)
    ours = dict(Payment.objects.values_list("receipt", "gateway_order_id"))
    own = order.payments.values_list("receipt", flat=True)
    return [
        *[
            f"{made[receipt]} gateway orders under one receipt"
            for receipt in own
            if made[receipt] > 1
        ],
        *[f"{receipt} is of nobody" for receipt in made if receipt not in ours],
        *[
            f"the gateway knows no {ours[receipt]}"
            for receipt in own
            if ours[receipt] and (receipt, ours[receipt]) not in _ids(books)
        ],
    ]


def _ids(books):
    return {(each.receipt, each.id) for each in books.made}


def _of_refunds(order, books):
    receipts = set(order.payments.values_list("receipt", flat=True))
    at_gateway = Counter(
        (each.id, each.refund, each.amount, each.is_done)
        for each in books.sent_back
        if each.receipt in receipts
    )
    rows = Refund.objects.filter(payment__order=order)
    ours = Counter(
        (row.gateway_refund_id, str(row.pk), row.amount, row.status == RefundState.PROCESSED)
        for row in rows
    )
    return differ("refunds", ours, at_gateway)


def _of_stock(purchase, ending):
    stock = Stock.objects.get(pk=purchase.variant.pk)
    movements = StockMovement.objects.filter(variant=purchase.variant)
    sums = movements.aggregate(Sum("on_hand_change"), Sum("reserved_change"))
    last = movements.order_by("pk").last()
    return [
        *differ("on_hand", stock.on_hand, ON_HAND),
        *differ("reserved", stock.reserved, ending.reserved),
        *differ("sum of the ledger", sums["reserved_change__sum"], stock.reserved),
        *differ("sum on hand", sums["on_hand_change__sum"], 0),
        *differ("last of the ledger", last.reserved_after, stock.reserved),
    ]


def _of_mails(order, ending, may_repeat):
    messages = Message.objects.filter(data__order_id=str(order.pk))
    kinds = Counter(message.kind for message in messages)
    taken = mailbox()
    most = 2 if may_repeat else 1
    return [
        *differ("mails", kinds, Counter(ending.mails)),
        *[
            f"mail {message.kind} ({message.status}) was taken {taken[str(message.pk)]} times"
            for message in messages
            if not 1 <= taken[str(message.pk)] <= most
        ],
        *differ("repeated mails", max(0, sum(taken.values()) - len(taken) - may_repeat), 0),
    ]


def mailbox():
    """How often the mail server took each message."""
    files = Path(settings.EMAIL_FILE_PATH).glob("*.log")
    text = "".join(file.read_text() for file in files)
    return Counter(re.findall(r"^Message-ID: <([0-9a-f-]{36})@", text, re.MULTILINE))


def _of_invoices(order, ending):
    notes = CreditNote.objects.filter(invoice__order=order)
    credited = sum((note.amount for note in notes), Decimal(0))
    due = order.total_amount * ending.refunded if ending.is_sale else Decimal(0)
    return [
        *differ("invoices", Invoice.objects.filter(order=order).count(), int(ending.is_sale)),
        *differ("credited", credited, due),
        *_gaps(),
    ]


def _gaps():
    found = []
    numbers = [*Invoice.objects.values_list("number", flat=True)]
    numbers += CreditNote.objects.values_list("number", flat=True)
    for series in NumberSeries.objects.all():
        taken = [n for n in numbers if n.rpartition("-")[0] == series.name]
        whole = [f"{series.name}-{n:06d}" for n in range(1, series.last + 1)]
        found += differ(f"series {series.name}", sorted(taken), whole)
    return found


def _of_open_work(order, ending):
    """Nothing waits for ever, and nobody is called who need not come."""
    now = timezone.now()
    leased = order.payments.filter(leased_until__gt=now).count()
    refunds = Refund.objects.filter(payment__order=order, status=RefundState.PENDING).count()
    events = GatewayEvent.objects.exclude(status="handled").count()
    return [
        *differ("payments in talk", leased, 0),
        *differ("pending refunds", refunds, 0),
        *differ("unhandled events", events, 0),
        *differ("called", order.payments.exclude(needs_person="").exists(), ending.needs_person),
    ]
