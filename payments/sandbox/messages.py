"""What a protocol is given and what it gives back, without any HTTP plumbing."""

import json
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, data: object, status: int = 200) -> "Response":
        return cls(status, json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def html(cls, text: str, headers: dict[str, str] | None = None) -> "Response":
        return cls(200, text.encode(), "text/html; charset=utf-8", headers or {})


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: bytes = b""

    def param(self, name: str) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None

    def fields(self) -> dict[str, Any]:
        """The body as a mapping, from JSON or a form; ValueError when it is neither."""
        if not self.body:
            return {}
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}
        data = json.loads(self.body)
        if not isinstance(data, dict):
            raise ValueError("The body must be a JSON object.")
        return data
