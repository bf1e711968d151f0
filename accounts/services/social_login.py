"""Logging in with an account elsewhere."""

from collections.abc import Sequence
from types import ModuleType
from uuid import UUID

from django.db import IntegrityError, transaction

from config.errors import InvalidInput, NotFound, ServiceUnavailable
from config.events import emit
from config.transactions import TryAgain, retried

from ..errors import WrongCredentials
from ..models import SocialAccount, User
from ..signals import user_registered
from ..social import PROVIDERS
from ..social.identity import Identity, NotVerified, ProviderUnavailable
from .attempts import key_of
from .challenges import Challenge
from .passwords import delete_proofs, end_access
from .registration import save_identified
from .sessions import Session, enter

_UNVERIFIED = "The provider has not verified an e-mail address of yours."


def log_in_with(
    *, provider: str, id_token: str, nonce: str, cart_ids: Sequence[UUID] = ()
) -> Session | Challenge:
    """Log in whom the provider vouches for; who is new here is registered."""
    try:
        identity = require_provider(provider).verify(id_token, nonce)
    except NotVerified:
        raise WrongCredentials("This sign-in is not valid or has expired. Try again.")
    except ProviderUnavailable:
        raise ServiceUnavailable("The provider cannot be reached. Try again in a moment.")
    return enter(find_or_register(provider=provider, identity=identity), cart_ids)


def require_provider(provider: str) -> ModuleType:
    """Return the module of a provider, or raise NotFound where the shop does not use it."""
    module = PROVIDERS.get(provider)
    if module is None or not module.is_configured():
        raise NotFound("There is no sign-in with this provider here.")
    return module


@retried
@transaction.atomic
def find_or_register(*, provider: str, identity: Identity) -> User:
    """Return the user of an account elsewhere, joined or made at its first sign-in."""
    key = key_of("social", provider, identity.subject)
    known = SocialAccount.objects.select_related("user").filter(key=key).first()
    if known:
        return _active(known.user)
    if not (identity.email and identity.is_email_verified):
        raise InvalidInput(id_token=_UNVERIFIED)
    user = _user_of(identity)
    try:
        with transaction.atomic():
            SocialAccount.objects.create(
                user=user, provider=provider, subject=identity.subject, key=key
            )
    except IntegrityError:  # a twin joined it meanwhile
        raise TryAgain()
    return user


def _user_of(identity: Identity) -> User:
    found = User.objects.identified_by(email=identity.email)
    if found is None:
        return _register(identity)
    user = _active(User.objects.select_for_update().get(pk=found.pk))
    if user.email_key != found.email_key:  # changed between our look and our lock
        raise TryAgain()
    if not user.email_verified:
        _take_from_squatter(user)
    return user


def _register(identity: Identity) -> User:
    user = User(
        email=identity.email,
        email_verified=True,
        first_name=identity.first_name,
        last_name=identity.last_name,
    )
    user.set_unusable_password()
    try:
        save_identified(user)
    except InvalidInput:  # a twin registered this address meanwhile
        raise TryAgain()
    emit(user_registered, user_id=user.pk)
    return user


def _take_from_squatter(user: User) -> None:
    """Leave no way in to whoever registered with an address that they never proved to read."""
    end_access(user)
    delete_proofs(user)
    user.set_unusable_password()
    user.phone, user.phone_verified = None, False
    user.two_factor_enabled = False
    user.email_verified = True
    user.save()


def _active(user: User) -> User:
    if not user.is_active:
        raise WrongCredentials()
    return user
