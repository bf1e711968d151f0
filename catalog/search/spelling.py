"""Typing errors: two words one error apart have a common word when a letter is left out."""

from zlib import crc32

MIN_LENGTH = 4


def is_spelt(word: str) -> bool:
    """Tell whether typing errors are looked for: not in short words and not in mere numbers."""
    return len(word) >= MIN_LENGTH and not word.isdigit()


def spelling_keys(word: str) -> set[int]:
    """Return numbers, of which words that are one typing error apart share one."""
    if not is_spelt(word):
        return set()
    shorter = {word[:i] + word[i + 1 :] for i in range(len(word))}
    return {crc32(form.encode()) for form in shorter | {word}}


def is_one_error_apart(one: str, other: str) -> bool:
    """Tell whether a letter more, less or other, or two letters swapped, is all the difference."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other))
    )
    one, other = one[start:], other[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[1::-1] and one[2:] == other[2:])
    )
