"""What tax rates, zones and methods may say; each rule returns its text in the form kept.

They raise ValidationError, which the admin and the API both show beside the field.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from accounts.countries import COUNTRIES, normalise_state

# What a column for amounts holds; rates have a decimal more.
MOST = Decimal(99_999_999_999)
DECIMALS = 4
# One code, all that begin alike, or a range; spaces do not count.
_EXACT_OR_PREFIX = re.compile(r"[A-Z0-9]+\*?", re.ASCII)
_RANGE = re.compile(r"([A-Z0-9]+)-([A-Z0-9]+)", re.ASCII)


def read_country(text: str) -> str:
    """Return an ISO 3166-1 code in capitals."""
    code = text.strip().upper()
    if code not in COUNTRIES:
        raise ValidationError(f"'{text}' is no ISO 3166-1 code of two letters, such as IN.")
    return code


def read_state(country: str, text: str) -> str:
    """Return a state's code where the country's are known."""
    try:
        return normalise_state(country, text)
    except ValueError as error:
        raise ValidationError(str(error))


def read_countries(codes: Any) -> list[str]:  # noqa: ANN401
    if not _is_list_of(codes, str):
        raise ValidationError('Give a list of countries, such as ["IN", "LK"].')
    return [read_country(code) for code in codes]


def read_postal_codes(patterns: Any) -> list[str]:  # noqa: ANN401
    """Return codes, beginnings and ranges in capitals and without spaces."""
    if not _is_list_of(patterns, str):
        raise ValidationError('Give a list of postal codes, such as ["560001-560100", "11*"].')
    return [_read_pattern(pattern) for pattern in patterns]


def read_parts(parts: Any, rate: Decimal) -> list[dict[str, str]]:  # noqa: ANN401
    """Return the named parts of a tax rate, which come to the whole of it."""
    if not _is_list_of(parts, dict):
        raise ValidationError('Give a list of parts, such as [{"name": "CGST", "rate": "9"}].')
    rates = [_read_amount(part, "rate") for part in parts]
    if not all(isinstance(part.get("name"), str) and part["name"].strip() for part in parts):
        raise ValidationError("Give every part a name.")
    if parts and sum(rates) != rate:
        raise ValidationError(
            f"The parts come to {_plain(sum(rates, Decimal(0)))} percent, the rate is "
            f"{_plain(rate)}."
        )
    return [
        {"name": part["name"].strip(), "rate": _plain(number)}
        for part, number in zip(parts, rates, strict=True)
    ]


def read_bands(bands: Any) -> list[dict[str, str]]:  # noqa: ANN401
    """Return the bands of a shipping method, each above the last."""
    if not _is_list_of(bands, dict):
        raise ValidationError('Give a list of bands, such as [{"up_to": "500", "price": "49"}].')
    limits = [_read_amount(band, "up_to") for band in bands]
    prices = [_read_amount(band, "price") for band in bands]
    if limits != sorted(set(limits)):
        raise ValidationError("Order the bands by `up_to`, each above the last.")
    return [
        {"up_to": _plain(limit), "price": _plain(price)}
        for limit, price in zip(limits, prices, strict=True)
    ]


def _read_pattern(pattern: str) -> str:
    text = "".join(pattern.upper().split())
    if _EXACT_OR_PREFIX.fullmatch(text):
        return text
    found = _RANGE.fullmatch(text)
    if found and len(found[1]) == len(found[2]) and found[1] <= found[2]:
        return text
    raise ValidationError(
        f"'{pattern}' is neither a code, a beginning such as 11*, nor a range of codes of one "
        "length such as 560001-560100."
    )


def _read_amount(row: dict[str, Any], name: str) -> Decimal:
    try:
        number = Decimal(str(row.get(name)))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ValidationError(f"Give every `{name}` as a number that is not negative.")
    if number > MOST or number != round(number, DECIMALS):
        raise ValidationError(f"Give every `{name}` as a number that can be counted with.")
    return number


def _plain(number: Decimal) -> str:
    """Write a number without closing zeros."""
    return f"{number.normalize():f}"


def _is_list_of(value: Any, kind: type) -> bool:  # noqa: ANN401
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)
