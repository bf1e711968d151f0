"""Request bodies."""

from math import isfinite
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json

_LARGEST_INTEGER = 2**63 - 1


class LimitedJSONParser(JSONParser):
    """JSON whose values every database can store; anything else is a parse error."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ANN401
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            text = stream.read().decode(encoding)
            return _storable(json.loads(text, parse_int=_integer, parse_float=_finite))
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}")
        except RecursionError:
            raise ParseError("The body is nested too deeply.")


def _integer(digits: str) -> int:
    number = int(digits)
    if abs(number) > _LARGEST_INTEGER:
        raise ValueError("a number is too large")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


def _storable(value: Any) -> Any:  # noqa: ANN401
    """Drop NUL characters, which PostgreSQL refuses, and refuse halves of characters."""
    if isinstance(value, str):
        value.encode()  # a lone surrogate is a ValueError
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
