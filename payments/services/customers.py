"""How gateways know users: made before a card is kept, and forgotten with the person."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from config.errors import NotFound
from config.transactions import retried

from ..errors import GatewayError
from ..gateways import CARD_KEEPERS
from ..models import ForgottenCustomer, GatewayCustomer, SavedMethod

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than many cards take to be forgotten one by one
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)


def known_customer_id(*, user: User, gateway_id: str) -> str:
    """Return how a gateway knows a user, or "" where it does not."""
    rows = GatewayCustomer.objects.filter(user=user, gateway=gateway_id)
    return rows.values_list("customer_id", flat=True).first() or ""


def customer_id_of(*, user: User, gateway_id: str) -> str:
    """Return how a gateway knows a user, made there if need be, outside any transaction.

    Raises GatewayError where the gateway is silent, or knows somebody else by that.
    """
    if known := known_customer_id(user=user, gateway_id=gateway_id):
        return known
    made = CARD_KEEPERS[gateway_id]().create_customer(user)
    try:
        customer_id = _record(user, gateway_id, made)
    except IntegrityError as error:
        raise GatewayError("This customer is somebody else's.", is_retryable=False) from error
    if customer_id is None:
        raise NotFound()
    return customer_id


@retried
@transaction.atomic
def _record(user: User, gateway_id: str, customer_id: str) -> str | None:
    """Keep a new customer; of two calls at once the first row counts.

    None where the user was erased meanwhile: then the gateway has to forget this customer, too.
    """
    if not User.objects.select_for_update().get(pk=user.pk).is_active:
        ForgottenCustomer.objects.get_or_create(gateway=gateway_id, customer_id=customer_id)
        return None
    made, _ = GatewayCustomer.objects.get_or_create(
        user=user, gateway=gateway_id, defaults={"customer_id": customer_id}
    )
    return made.customer_id


@retried
@transaction.atomic
def forget_user(*, user_id: UUID) -> list[ForgottenCustomer]:
    """Erase what is kept here of a person's cards, and note what the gateways must forget."""
    User.objects.select_for_update().get(pk=user_id)
    cards = SavedMethod.objects.filter(user=user_id)
    customers = GatewayCustomer.objects.filter(user=user_id)
    tokens: dict[tuple[str, str], list[str]] = {
        (customer.gateway, customer.customer_id): [] for customer in customers
    }
    for card in cards:
        tokens.setdefault((card.gateway, card.customer_id), []).append(card.token)
    cards.delete()
    customers.delete()
    return [
        ForgottenCustomer.objects.update_or_create(
            gateway=gateway_id, customer_id=customer_id, defaults={"tokens": of_customer}
        )[0]
        for (gateway_id, customer_id), of_customer in sorted(tokens.items())
    ]


def forget_customer(*, customer_pk: int) -> None:
    """Let a gateway forget a customer, unless somebody is at it; a failure waits."""
    customer = _claim(customer_pk)
    if customer is None:
        return
    try:
        keeper = CARD_KEEPERS[customer.gateway]()
        keeper.forget_customer(customer.customer_id, customer.tokens)
    except Exception as error:
        level = logging.WARNING if isinstance(error, GatewayError) else logging.ERROR
        logger.log(level, "%s is not forgotten yet", customer, exc_info=True)
        _postpone(customer, error)
        return
    ForgottenCustomer.objects.filter(pk=customer.pk).delete()


def forget_pending_customers() -> int:
    """Forget every customer that is due; return how many were looked at."""
    due = ForgottenCustomer.objects.filter(next_attempt_at__lte=timezone.now())
    due_pks = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:100])
    for customer_pk in due_pks:
        forget_customer(customer_pk=customer_pk)
    return len(due_pks)


def _claim(customer_pk: int) -> ForgottenCustomer | None:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    rows = ForgottenCustomer.objects.filter(free, pk=customer_pk)
    if not rows.update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    return ForgottenCustomer.objects.filter(pk=customer_pk).first()


def _postpone(customer: ForgottenCustomer, error: Exception) -> None:
    """Try again after a pause that doubles each time; a person's wish is never given up."""
    pause = min(FIRST_PAUSE * 2 ** min(customer.attempts, 10), LONGEST_PAUSE)
    rows = ForgottenCustomer.objects.filter(pk=customer.pk, attempts=customer.attempts)
    rows.update(
        leased_until=None,
        next_attempt_at=timezone.now() + pause,
        error=(str(error) or type(error).__name__)[:255],
    )
