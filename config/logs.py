"""What a line of the log must not hold: data about people that came with an error."""

import logging
import re
from typing import Any

# A database tells the row that broke a rule, values and all.
_ROWS = re.compile(r"^DETAIL: .*$|(?<=Duplicate entry ').*(?=' for key)", re.MULTILINE)


class Formatter(logging.Formatter):
    """Writes tracebacks without the rows that databases put into their errors."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401
        return _ROWS.sub("[not logged]", super().formatException(ei))
