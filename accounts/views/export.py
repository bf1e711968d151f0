"""Everything about a person, for that person."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from ..authentication import user_of
from ..models import User
from ..services.exporting import parts_of
from ..throttles import AttemptLimit

_PIECE = 64_000  # signs: what is sent, and compressed, at a time


class ExportView(APIView):
    @extend_schema(
        summary="Get all of one's own data",
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
        description=(
            "One JSON file with everything that the shop holds about the caller: `profile`, and "
            "a list each of addresses, orders, payments, reviews, messages and so on."
        ),
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Send a file with everything that the shop holds about the caller, as it is read."""
        user = user_of(request)
        AttemptLimit("export", str(user.pk)).count()
        name = f"my-data-{timezone.localdate():%Y-%m-%d}.json"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
        return StreamingHttpResponse(
            _pieces(_text_of(user)), content_type="application/json", headers=headers
        )


def _text_of(user: User) -> Iterator[str]:
    yield f'{{"exported_at": {_json(timezone.now())}'
    for name, part in parts_of(user):
        yield f",\n{_json(name)}: "
        if isinstance(part, dict):
            yield _json(part)
            continue
        yield "["
        for number, row in enumerate(part):
            yield (",\n" if number else "\n") + _json(row)
        yield "]"
    yield "}\n"


def _pieces(texts: Iterator[str]) -> Iterator[str]:
    """Join short texts, so that none is a packet of its own."""
    waiting: list[str] = []
    length = 0
    for text in texts:
        waiting.append(text)
        length += len(text)
        if length >= _PIECE:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)


def _json(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False)
