"""What a word is: small letters and digits, without accents, in texts and in queries alike."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

MAX_LENGTH = 64

# Signs that are no part of a word, and letters that do not come apart into a letter and its accent.
_SIGNS: dict[int, str | None] = str.maketrans(
    {"™": " ", "℠": " ", "'": None, "’": None, "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"}
)
_ACCENTS = dict.fromkeys(range(0x300, 0x370))
# The vowel signs of Indian and Thai scripts are no letters, but part of words.
_WORD = r"(?:[^\W_]|[\u0900-\u0963\u0966-\u0fff])+"
_COMPOUND = re.compile(rf"{_WORD}(?:[-/._&+:]{_WORD})*")
_PART = re.compile(_WORD)
_DIGITS = re.compile(r"\d{3,}")


def normalise(text: str) -> str:
    """Return a text in small letters without accents."""
    if text.isascii():
        return text.lower().replace("'", "")
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SIGNS))
    return unicodedata.normalize("NFC", plain.translate(_ACCENTS))


def compounds(text: str) -> Iterator[list[str]]:
    """Give the words of a text; those written with dashes or slashes between them together."""
    for compound in _COMPOUND.findall(normalise(text)):
        parts = [compound] if compound.isalnum() else _PART.findall(compound)
        yield [word[:MAX_LENGTH] for word in parts]


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order."""
    return [word for parts in compounds(text) for word in parts]


def joined_words_of(text: str) -> list[str]:
    """Return what a text's compounds are when written as one word: "wi-fi" is "wifi"."""
    return _joined(compounds(text))


def words_with_joined(text: str) -> list[str]:
    """Return the words of a text, and then its compounds as one word each."""
    found = list(compounds(text))
    return [word for parts in found for word in parts] + _joined(found)


def _joined(found: Iterable[list[str]]) -> list[str]:
    return ["".join(parts)[:MAX_LENGTH] for parts in found if len(parts) > 1]


def numbers_in(word: str) -> list[str]:
    """Return the numbers of three digits or more that are a part of a word."""
    return [number for number in _DIGITS.findall(word) if number != word]


def other_forms(word: str) -> list[str]:
    """Return what may be the plural or the singular of a word; not all of them exist."""
    if len(word) < 3 or not word.isalpha():
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y", word[:-1]]
    if word.endswith("s"):
        return (
            [word[:-1], word[:-2], f"{word}es"] if word.endswith("es") else [word[:-1], f"{word}es"]
        )
    if word.endswith("y"):
        return [f"{word[:-1]}ies", f"{word}s"]
    return [f"{word}s", f"{word}es"]
