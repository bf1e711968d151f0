"""Everything that the shop holds about a person: each app adds the parts that are its own.

No part holds a secret (a hash, a token, the key of an authenticator) or what staff noted down.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..models import Seller, User

Row = Mapping[str, Any]
# One row, or as many as there are: read some at a time, by a fixed number of queries each time.
Part = Callable[[User], Row | Iterable[Row]]
CHUNK = 500

_parts: dict[str, Part] = {}


def add_parts(parts: dict[str, Part]) -> None:
    """Let exports hold these parts, too; an app calls this when it is ready."""
    _parts.update(parts)


def parts_of(user: User) -> Iterator[tuple[str, Row | Iterable[Row]]]:
    """Yield each part of a person's data under its name; rows are read as they are asked for."""
    for name, part in _parts.items():
        yield name, part(user)


def _profile(user: User) -> Row:
    row = (
        User.objects.filter(pk=user.pk)
        .values(
            "id",
            "email",
            "email_verified",
            "username",
            "phone",
            "phone_verified",
            "first_name",
            "last_name",
            "date_of_birth",
            "membership",
            "language",
            "two_factor_enabled",
            "is_seller",
            "is_staff",
            "date_joined",
            "last_login",
            "external_source",
            "external_id",
        )
        .get()
    )
    groups = user.groups.order_by("name").values_list("name", flat=True)
    return {**row, "groups": list(groups)}


def _addresses(user: User) -> Iterable[Row]:
    return user.addresses.values(
        "id",
        "address_type",
        "default_of",
        "full_name",
        "phone_number",
        "address_line1",
        "address_line2",
        "city",
        "state",
        "postal_code",
        "country",
        "tax_number",
        "created_at",
    ).iterator(CHUNK)


def _shop(user: User) -> Iterable[Row]:
    rows = Seller.objects.filter(user=user)
    return rows.values("slug", "name", "description", "logo", "status", "created_at")


def _sign_in_accounts(user: User) -> Iterable[Row]:
    return user.social_accounts.values("provider", "subject", "created_at")


def _sessions(user: User) -> Iterable[Row]:
    rows = user.refresh_tokens.order_by("pk")
    return rows.values("created_at", "expires_at", "used_at", "revoked_at").iterator(CHUNK)


add_parts(
    {
        "profile": _profile,
        "addresses": _addresses,
        "shop": _shop,
        "sign_in_accounts": _sign_in_accounts,
        "sessions": _sessions,
    }
)
