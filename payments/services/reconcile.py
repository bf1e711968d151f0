"""Finding what the gateways never told us: captures, failures and refunds."""

import logging

from django.utils import timezone

from ..errors import GatewayError
from ..models import Payment
from .ask import ask_gateway

logger = logging.getLogger(__name__)

BATCH = 200


def reconcile_payments() -> int:
    """Ask about every payment that is due to be asked about; return how many answers came."""
    due = Payment.objects.filter(next_ask_at__lte=timezone.now()).order_by("next_ask_at", "pk")
    answered, silent = 0, set()
    for payment_id, gateway_id in list(due.values_list("pk", "gateway")[:BATCH]):
        if gateway_id in silent:
            continue
        try:
            ask_gateway(payment_id=payment_id)
            answered += 1
        except GatewayError as error:
            if error.is_retryable:  # it would keep every further question waiting
                silent.add(gateway_id)
            logger.warning("No answer about payment %s: %s", payment_id, error)
    return answered
