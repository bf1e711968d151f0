"""Text parts of mails, in lines that every program shows whole."""

import re
from textwrap import wrap as wrap_line

WIDTH = 76


def wrap(text: str) -> str:
    """Break long lines between words, never an address, and keep what is indented indented."""
    lines = [part for line in text.strip().splitlines() for part in _parts(line.rstrip())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _parts(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return wrap_line(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
