"""Typing errors: two words one error apart have a common word when a letter is left out."""

from zlib import crc32

# Of shorter words too many are one error apart.
MIN_LENGTH = 4


def is_spelt(word: str) -> bool:
    """Tell whether a misspelt word may mean this one: it is not too short and no mere number."""
    return len(word) >= MIN_LENGTH and not word.isdigit()


def spelling_keys(word: str) -> set[int]:
    """Return numbers, of which words that are one typing error apart share one."""
    if len(word) < MIN_LENGTH - 1:
        return set()
    shorter = {word[:at] + word[at + 1 :] for at in range(len(word))}
    return {crc32(form.encode()) for form in shorter | {word}}


def is_one_error_apart(one: str, other: str) -> bool:
    """Tell whether a letter more, less or other, or two letters swapped, is all the difference."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    pairs = enumerate(zip(one, other, strict=False))
    start = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    is_other = one[1:] == other[1:]
    is_more = one[1:] == other or one == other[1:]
    is_swapped = one[:2] == other[:2][::-1] and one[2:] == other[2:]
    return is_other or is_more or is_swapped
