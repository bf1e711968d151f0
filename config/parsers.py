"""Request bodies."""

from typing import Any

from rest_framework.parsers import JSONParser


class LimitedJSONParser(JSONParser):
    """JSON whose text can be stored: no NUL characters, which PostgreSQL refuses."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ANN401
        return _without_nul(super().parse(stream, media_type, parser_context))


def _without_nul(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
