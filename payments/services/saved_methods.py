"""Cards that gateways keep for users; here is only what may be shown of them."""

import logging
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..errors import GatewayError
from ..gateways import CARD_KEEPERS, CARD_SETUPS, gateway_for
from ..gateways.base import Card, CardKeeper, PaymentNews
from ..models import Payment, SavedMethod
from .customers import customer_id_of, known_customer_id

logger = logging.getLogger(__name__)


def save_method(*, user: User, gateway_id: str, token: str) -> SavedMethod:
    """Keep a card at its gateway and remember it, once; the first one is the default."""
    keeper = _keeper(gateway_id)
    customer_id = customer_id_of(user=user, gateway_id=gateway_id)
    try:
        card = keeper.keep_card(customer_id, token)
    except GatewayError as error:
        if error.is_retryable:
            raise
        raise InvalidInput(token=error.message)
    return _remember(user, gateway_id, customer_id, card)


def remember_paid_card(*, gateway_id: str, news: PaymentNews) -> None:
    """Remember the card that a customer let the gateway keep while paying; repeatable.

    One that is no card of the order's own customer there is left alone, and so is everything
    while the gateway is silent: the next one who asks about the payment comes here again.
    """
    rows = Payment.objects.select_related("order__user").filter(gateway=gateway_id)
    payment = rows.filter(gateway_payment_id=news.gateway_payment_id).first()
    user = payment.order.user if payment else None
    customer_id = known_customer_id(user=user, gateway_id=gateway_id) if user else ""
    is_known = SavedMethod.objects.filter(gateway=gateway_id, token=news.card_token).exists()
    if user is None or not customer_id or is_known:
        return
    try:
        card = CARD_KEEPERS[gateway_id]().keep_card(customer_id, news.card_token)
        _remember(user, gateway_id, customer_id, card)
    except (GatewayError, InvalidInput, NotFound) as error:
        logger.warning("The card of %s was not remembered: %s", news.gateway_payment_id, error)


def begin_setup(*, user: User, gateway_id: str) -> dict[str, Any]:
    """Return what the browser needs to add a card without an order."""
    _keeper(gateway_id)
    if gateway_id not in CARD_SETUPS:
        raise InvalidInput(gateway="This gateway keeps a card only while an order is paid.")
    customer_id = customer_id_of(user=user, gateway_id=gateway_id)
    return CARD_SETUPS[gateway_id]().begin_setup(customer_id)


def delete_method(*, method: SavedMethod) -> None:
    """Let the gateway forget a card, and then forget it here; the newest left is the default."""
    CARD_KEEPERS[method.gateway]().forget_card(method.customer_id, method.token)
    _forget(method)


@retried
@transaction.atomic
def set_default_method(*, method: SavedMethod) -> SavedMethod:
    """Make a card the default one of its user, instead of any other."""
    User.objects.select_for_update().get(pk=method.user_id)
    if not SavedMethod.objects.filter(pk=method.pk).exists():
        raise NotFound()
    _make_default(method)
    return method


def _keeper(gateway_id: str) -> CardKeeper:
    if gateway_id not in CARD_KEEPERS or not gateway_for(gateway_id).is_configured():
        names = ", ".join(name for name in CARD_KEEPERS if gateway_for(name).is_configured())
        raise InvalidInput(gateway=f"Cards are kept by: {names or 'none'}.")
    return CARD_KEEPERS[gateway_id]()


@retried
@transaction.atomic
def _remember(user: User, gateway_id: str, customer_id: str, card: Card) -> SavedMethod:
    if not User.objects.select_for_update().get(pk=user.pk).is_active:
        raise NotFound()  # erased meanwhile: the gateway is told to forget this card, too
    own = SavedMethod.objects.filter(user=user)
    if known := own.filter(gateway=gateway_id, token=card.token).first():
        return known
    method = SavedMethod(
        user=user,
        default_for=None if own.filter(default_for=user).exists() else user,
        gateway=gateway_id,
        customer_id=customer_id,
        token=card.token,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
    )
    try:
        with transaction.atomic():
            method.save()
    except IntegrityError:
        raise InvalidInput(token="This is no card of yours.")  # noqa: S106 (a message)
    return method


@retried
@transaction.atomic
def _forget(method: SavedMethod) -> None:
    User.objects.select_for_update().get(pk=method.user_id)
    SavedMethod.objects.filter(pk=method.pk).delete()
    left = SavedMethod.objects.filter(user=method.user_id)
    newest = left.order_by("-created_at", "-pk").first()
    if newest and not left.exclude(default_for=None).exists():
        _make_default(newest)


def _make_default(method: SavedMethod) -> None:
    others = SavedMethod.objects.filter(default_for=method.user_id).exclude(pk=method.pk)
    others.update(default_for=None)
    method.default_for_id = method.user_id
    method.save(update_fields=["default_for"])
