"""The customers of the Online Retail file: known by a number, nothing else is told of them."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from catalog.importing.online_retail import SOURCE
from config.importing import OnBatch, batched, in_store_time
from config.transactions import retried

BATCH = 500


class Customers(NamedTuple):
    keys: dict[str, UUID]  # the user's key by the customer's number
    added: int


def write_customers(
    first_seen: dict[str, datetime], *, is_dry_run: bool, on_batch: OnBatch | None
) -> Customers:
    """Add the customers that are missing; they have no e-mail and cannot log in."""
    keys: dict[str, UUID] = {}
    added = 0
    for numbers in batched(sorted(first_seen), BATCH):
        keys |= _known(numbers)
        missing = [number for number in numbers if number not in keys]
        added += len(missing)
        if missing and not is_dry_run:
            keys |= _create(missing, first_seen)
        if on_batch:
            on_batch()
    return Customers(keys, added)


def _known(numbers: list[str]) -> dict[str, UUID]:
    rows = User.objects.filter(external_source=SOURCE, external_id__in=numbers)
    return {number: pk for number, pk in rows.values_list("external_id", "pk") if number}


@retried
@transaction.atomic
def _create(numbers: list[str], first_seen: dict[str, datetime]) -> dict[str, UUID]:
    users = [
        User(
            password=make_password(None),
            date_joined=in_store_time(first_seen[number]),
            external_source=SOURCE,
            external_id=number,
        )
        for number in numbers
    ]
    for user in users:
        user.set_keys()
    User.objects.bulk_create(users)
    return {number: user.pk for number, user in zip(numbers, users, strict=True)}
