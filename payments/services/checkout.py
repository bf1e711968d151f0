"""What the customer's browser is given to pay with."""

import logging
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from config.errors import NotFound

from ..errors import GatewayError
from ..gateways import CARD_KEEPERS, CARD_SETUPS, gateway_for
from ..models import Payment
from .customers import customer_id_of

logger = logging.getLogger(__name__)


def checkout_block(*, payment: Payment, payer: User | AnonymousUser) -> dict[str, Any] | None:
    """Return what the browser needs, if anything; it must not run inside a transaction.

    Where cards are saved while paying, the payer is named there; that this fails stops no payment.
    """
    customer_id = ""
    if isinstance(payer, User) and _may_use_cards(payment, payer):
        try:
            customer_id = customer_id_of(user=payer, gateway_id=payment.gateway)
        except (GatewayError, NotFound) as error:
            logger.warning("Payment %s saves no card: %s", payment.pk, error)
    return gateway_for(payment.gateway).browser_block(payment, customer_id)


def _may_use_cards(payment: Payment, payer: User) -> bool:
    """Tell whether the payer's cards belong to this payment: of an own order, or chosen for it."""
    is_saving = payment.gateway in CARD_KEEPERS and payment.gateway not in CARD_SETUPS
    method = payment.saved_method
    is_own = payment.order.user_id == payer.pk or (method and method.user_id == payer.pk)
    return is_saving and bool(is_own)
