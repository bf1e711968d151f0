"""What beat does in the hours after a fault, without their passing."""

from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.utils import timezone

from config.models import IdempotencyKey
from notifications.models import Message
from orders.models import Order
from payments.models import GatewayEvent, Payment, Refund

ROUNDS = 8
SWEEPS = [
    entry["task"]
    for entry in settings.CELERY_BEAT_SCHEDULE.values()
    if entry["task"].startswith(("payments.", "notifications."))
]


def make_due(order):
    """Let every lease on an order's rows end, and every pause be over."""
    past = timezone.now() - timedelta(seconds=1)
    payments = Payment.objects.filter(order=order)
    refunds = Refund.objects.filter(payment__order=order)
    payments.exclude(leased_until=None).update(leased_until=past)
    payments.exclude(next_ask_at=None).update(next_ask_at=past)
    IdempotencyKey.objects.update(leased_until=past)
    for rows in (refunds, GatewayEvent.objects.all(), Message.objects.all()):
        rows.exclude(leased_until=None).update(leased_until=past)
        rows.update(next_attempt_at=past)


def recover(purchase):
    """Run the sweeps until nothing changes any more; say so if that never comes."""
    before = states(purchase.order)
    for _ in range(ROUNDS):
        if Refund.objects.filter(payment__order=purchase.order, status="pending").exists():
            purchase.side.end_refunds()
        make_due(purchase.order)
        for name in SWEEPS:
            current_app.tasks[name]()
        after = states(purchase.order)
        if after == before:
            return []
        before = after
    return [f"The sweeps find no end: {before}"]


def states(order):
    """All that a sweep can change about an order."""
    fields = ("pk", "status")
    return [
        list(rows)
        for rows in (
            Order.objects.filter(pk=order.pk).values_list(*fields, "payment_status"),
            order.payments.values_list(*fields, "gateway_order_id", "amount_refunded"),
            Refund.objects.filter(payment__order=order).values_list(*fields, "gateway_refund_id"),
            GatewayEvent.objects.values_list(*fields),
            Message.objects.filter(data__order_id=str(order.pk)).values_list(*fields),
        )
    ]
