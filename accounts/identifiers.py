"""What people are known by: one spelling for each username and phone."""

import re
import unicodedata
from contextlib import suppress

import phonenumbers
from django.conf import settings

_MAX_USERNAME = 150
_USERNAME = re.compile(rf"[\w.+-]{{1,{_MAX_USERNAME}}}")


def normalise_username(text: str) -> str:
    """Return the username in its one spelling; raise ValueError for what cannot be one."""
    name = unicodedata.normalize("NFKC", text.strip())
    if not _USERNAME.fullmatch(name):
        raise ValueError("Use up to 150 letters, digits and the signs . + - _ only.")
    if len(name.lower()) > _MAX_USERNAME:  # a capital may become two small signs
        raise ValueError("This username is too long.")
    if not any(sign.isalpha() for sign in name):  # it could be taken for a phone
        raise ValueError("A username needs at least one letter.")
    return name


def kind_of(text: str) -> str:
    """Tell whether somebody typed an "email", a "phone" or a "username", which has a letter."""
    if "@" in text:
        return "email"
    return "username" if any(sign.isalpha() for sign in text) else "phone"


def spell(kind: str, text: str) -> str:
    """Return an identifier as it is looked up; what cannot be one is nobody's as it stands."""
    normalise = {"username": normalise_username, "phone": normalise_phone}.get(kind, str.strip)
    with suppress(ValueError):
        text = normalise(text)
    return text.lower()


def normalise_phone(text: str, country: str = "") -> str:
    """Return a number as E.164; one without a country code is of `country` or the store's."""
    try:
        number = phonenumbers.parse(text, country or settings.STORE_COUNTRY)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not _is_whole(number):
        raise ValueError("Give a phone number with its country code, such as +919876543210.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    # By length alone: tables of assigned ranges are always a little behind.
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE
