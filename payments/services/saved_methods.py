"""Cards that gateways keep for users; here is only what may be shown of them."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from config.errors import InvalidInput, NotFound
from config.transactions import retried

from ..errors import GatewayError
from ..gateways import CARD_KEEPERS, gateway_for
from ..gateways.base import Card, CardKeeper
from ..models import GatewayCustomer, SavedMethod


def save_method(*, user: User, gateway_id: str, token: str) -> SavedMethod:
    """Keep a card at its gateway and remember it, once; the first one is the default."""
    keeper = _keeper(gateway_id)
    customer_id = _customer_id(keeper, user, gateway_id)
    try:
        card = keeper.keep_card(customer_id, token)
    except GatewayError as error:
        if error.is_retryable:
            raise
        raise InvalidInput(token=error.message)
    return _remember(user, gateway_id, customer_id, token, card)


def begin_setup(*, user: User, gateway_id: str) -> dict[str, Any]:
    """Return what the browser needs to add a card without an order."""
    keeper = _keeper(gateway_id)
    return keeper.begin_setup(_customer_id(keeper, user, gateway_id))


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


def forget_user(*, user_id: UUID) -> None:
    """Erase what is kept here of a person's cards and of how gateways know this person."""
    SavedMethod.objects.filter(user=user_id).delete()
    GatewayCustomer.objects.filter(user=user_id).delete()


def _keeper(gateway_id: str) -> CardKeeper:
    if gateway_id not in CARD_KEEPERS or not gateway_for(gateway_id).is_configured():
        names = ", ".join(name for name in CARD_KEEPERS if gateway_for(name).is_configured())
        raise InvalidInput(gateway=f"Cards are kept by: {names or 'none'}.")
    return CARD_KEEPERS[gateway_id]()


def _customer_id(keeper: CardKeeper, user: User, gateway_id: str) -> str:
    """Return how the gateway knows a user; of two calls at once the first row counts."""
    rows = GatewayCustomer.objects.filter(user=user, gateway=gateway_id)
    if known := rows.first():
        return known.customer_id
    customer_id = keeper.create_customer(user)
    made, _ = GatewayCustomer.objects.get_or_create(
        user=user, gateway=gateway_id, defaults={"customer_id": customer_id}
    )
    return made.customer_id


@retried
@transaction.atomic
def _remember(user: User, gateway_id: str, customer_id: str, token: str, card: Card) -> SavedMethod:
    User.objects.select_for_update().get(pk=user.pk)
    own = SavedMethod.objects.filter(user=user)
    if known := own.filter(gateway=gateway_id, token=token).first():
        return known
    method = SavedMethod(
        user=user,
        default_for=None if own.filter(default_for=user).exists() else user,
        gateway=gateway_id,
        customer_id=customer_id,
        token=token,
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
