"""The end of orders that are not paid in time, after their gateways were asked."""

import logging
import random
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.transactions import retried
from orders.models import Order
from orders.services.lifecycle import expire_order, lock_order

from ..errors import GatewayError
from ..gateways import GATEWAYS
from ..models import CAPTURED_STATES, PaymentState
from .ask import ask_gateway

logger = logging.getLogger(__name__)

# How many payment windows an order gets whose money is held or whose gateway is silent.
PATIENCE = 3


def expire_unpaid_orders() -> int:
    """Cancel the orders whose time to pay has run out; return how many."""
    due = list(Order.objects.unpaid_past(timezone.now()).only("pk", "created_at"))
    # One that never gets an answer must not stand before the same others in every round.
    random.shuffle(due)
    expired = 0
    silent: set[str] = set()
    for order in due:
        try:
            is_sure = _ask_about(order, silent)
            expired += _expire(order.pk, is_sure)
        except Exception:  # one order must not keep the others from expiring
            logger.exception("Order %s did not expire", order.pk)
    return expired


def _ask_about(order: Order, silent: set[str]) -> bool:
    """Ask about every payment that may still pay an order; return whether all answers came.

    A gateway that gave no answer is not asked again in this round.
    """
    is_sure = True
    rows = order.payments.filter(gateway__in=GATEWAYS).exclude(status__in=CAPTURED_STATES)
    for payment_id, gateway_id in list(rows.order_by("pk").values_list("pk", "gateway")):
        if gateway_id not in silent:
            try:
                ask_gateway(payment_id=payment_id)
                continue
            except GatewayError as error:
                if error.is_retryable:
                    silent.add(gateway_id)
        is_sure = False
    return is_sure


@retried
@transaction.atomic
def _expire(order_id: UUID, is_sure: bool) -> bool:
    """Decide under the lock: what was paid or is being paid meanwhile stays."""
    order = lock_order(order_id)
    now = timezone.now()
    if now < order.created_at + PATIENCE * settings.ORDER_PAYMENT_WINDOW:
        is_held = order.payments.filter(status=PaymentState.AUTHORIZED).exists()
        is_talking = order.payments.filter(leased_until__gt=now).exists()
        if is_held or is_talking or not is_sure:
            return False
    return expire_order(order_id=order_id)
