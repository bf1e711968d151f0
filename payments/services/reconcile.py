"""Finding what the gateways never told us: captures, failures and refunds."""

import logging

from django.utils import timezone

from ..errors import GatewayError
from ..gateways import GATEWAYS
from ..models import Payment
from .ask import ask_gateway, plan_next_question

logger = logging.getLogger(__name__)

BATCH = 200


def reconcile_payments() -> int:
    """Ask about every payment that is due to be asked about; return how many answers came."""
    due = Payment.objects.filter(gateway__in=GATEWAYS, next_ask_at__lte=timezone.now())
    answered = 0
    silent: set[str] = set()
    for payment in list(due.order_by("next_ask_at", "pk")[:BATCH]):
        if payment.gateway in silent:
            continue
        try:
            ask_gateway(payment_id=payment.pk)
            answered += 1
        except GatewayError as error:
            logger.warning("No answer about payment %s: %s", payment.pk, error)
            if error.is_retryable:  # it would keep every further question waiting
                silent.add(payment.gateway)
                _go_to_the_end(payment)
            else:
                plan_next_question(payment)
        except Exception:  # one payment must not keep the others from being asked about
            logger.exception("Payment %s was not reconciled", payment.pk)
            plan_next_question(payment)
    return answered


def _go_to_the_end(payment: Payment) -> None:
    """Let others be asked about first: one that never gets an answer must not stand before them."""
    Payment.objects.filter(pk=payment.pk).update(next_ask_at=timezone.now())
