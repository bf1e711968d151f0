"""Typing errors: every word that is one error away is made, and looked for."""

from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, digits

from .words import words_of

# Of shorter words too many are one error apart; longer ones are made of too many letters.
_MIN_LENGTH, _MAX_LENGTH = 4, 24
_ASCII_BLOCK = 0


def words_one_error_away(word: str) -> set[str]:
    """Return all words that a letter more, less or other, or two letters swapped, make of one."""
    if not _MIN_LENGTH - 1 <= len(word) <= _MAX_LENGTH:
        return set()
    return {
        near
        for near in _changed(word, _letters(word))
        if near != word and len(near) >= _MIN_LENGTH and not near.isdigit()
    }


def _changed(word: str, letters: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in letters:
            yield before + letter + after
            yield before + letter + after[1:]


def _letters(word: str) -> str:
    """Return the letters and digits of the scripts that a word is written in."""
    return "".join(_block(number) for number in {_ASCII_BLOCK, *(ord(sign) >> 7 for sign in word)})


@lru_cache(maxsize=64)
def _block(number: int) -> str:
    if number == _ASCII_BLOCK:
        return ascii_lowercase + digits
    signs = map(chr, range(number << 7, (number + 1) << 7))
    return "".join(sign for sign in signs if words_of(sign) == [sign])
