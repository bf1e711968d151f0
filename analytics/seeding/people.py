"""The demonstration shop's customers: nobody has a password, so nobody can log in as them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import Address, AddressType, Membership, User
from config.transactions import retried

from .words import AMERICAN_CITIES, FIRST_NAMES, INDIAN_CITIES, LAST_NAMES

SOURCE = "seed"
_AMERICAN_SHARE = 0.2


@retried
@transaction.atomic
def add_customers(count: int, *, seed: int) -> int:
    """Add those of the first `count` customers that are missing; return how many."""
    there = set(User.objects.filter(external_source=SOURCE).values_list("external_id", flat=True))
    now = timezone.now()
    numbers = [number for number in range(1, count + 1) if str(number) not in there]
    users = [_invent_user(number, seed, now) for number in numbers]
    taken = _taken([user.email_key for user in users])
    users = [user for user in users if user.email_key not in taken]
    User.objects.bulk_create(users)
    Address.objects.bulk_create(address for user in users for address in _addresses(user, seed))
    return len(users)


def _taken(emails: list[str | None]) -> set[str | None]:
    rows = User.objects.filter(email_key__in=[email for email in emails if email])
    return set(rows.values_list("email_key", flat=True))


def _dice(number: object, seed: int) -> Random:
    return Random(f"{seed}:customer:{number}")  # noqa: S311


def _invent_user(number: int, seed: int, now: datetime) -> User:
    dice = _dice(number, seed)
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    user = User(
        email=f"{first}.{last}{number}@example.com".lower(),
        first_name=first,
        last_name=last,
        membership=dice.choices(list(Membership), weights=(70, 22, 8))[0],
        email_verified=True,
        password=make_password(None),
        date_joined=now - timedelta(days=dice.randint(91, 400)),
        external_source=SOURCE,
        external_id=str(number),
    )
    user.set_keys()
    return user


def _addresses(user: User, seed: int) -> Iterator[Address]:
    """Give one shipping address, and to some people a billing address too."""
    dice = _dice(f"{user.external_id}:address", seed)
    is_american = dice.random() < _AMERICAN_SHARE
    yield _address(user, AddressType.SHIPPING, dice, is_american=is_american)
    if dice.random() < 0.4:
        yield _address(user, AddressType.BILLING, dice, is_american=is_american)


def _address(user: User, kind: AddressType, dice: Random, *, is_american: bool) -> Address:
    city, state, postal_code, streets = dice.choice(
        AMERICAN_CITIES if is_american else INDIAN_CITIES
    )
    # American numbers of the range that is kept free for stories.
    phone = f"+1202555{dice.randint(100, 199):04d}"
    return Address(
        user=user,
        address_type=kind,
        default_of=kind,
        full_name=user.full_name,
        phone_number=phone if is_american else f"+9198765{dice.randint(10000, 99999)}",
        address_line1=f"{dice.randint(1, 240)} {dice.choice(streets)}",
        city=city,
        state=state,
        postal_code=str(postal_code + dice.randint(0, 8)),
        country="US" if is_american else "IN",
    )
