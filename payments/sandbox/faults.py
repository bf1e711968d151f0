"""Armed faults: what the next requests to an address suffer."""

import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from payments.sandbox.messages import Request, Response

# These strike when what was asked for is done.
AFTER_COMMIT = ("hang_after_commit", "half_answer")
MODES = ("error500", "html502", "error429", "timeout", "drop_connection", *AFTER_COMMIT)
ERROR_500 = {
    "error": {
        "code": "SERVER_ERROR",
        "description": "We are facing some trouble completing your request at the moment."
        " Please try again shortly.",
        "source": "NA",
        "step": "NA",
        "reason": "NA",
        "metadata": {},
    }
}
ERROR_429 = {"error": {"code": "BAD_REQUEST_ERROR", "description": "Too many requests"}}
HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
ANSWERS = {
    "error500": Response.json(ERROR_500, 500),
    "error429": Response.json(ERROR_429, 429),
    "html502": Response(502, HTML_502, "text/html"),
}


@dataclass
class Fault:
    """`path` may hold `*`; without a `method` every method suffers."""

    path: str
    mode: str
    times: int = 1
    seconds: float = 0.0
    method: str | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"The mode must be one of: {', '.join(MODES)}.")
        self.times, self.seconds = int(self.times), float(self.seconds)


class Faults:
    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, fields: dict[str, Any]) -> None:
        """Add a fault, or raise ValueError with what is wrong about it."""
        try:
            fault = Fault(**fields)
        except TypeError:
            raise ValueError("A fault has path, mode, times, seconds and method.")
        with self._lock:
            self._armed.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def take(self, request: Request) -> Fault | None:
        """The fault that this request suffers; each is used up after its times."""
        with self._lock:
            for fault in self._armed:
                same_method = fault.method in (None, request.method)
                if same_method and fnmatchcase(request.path, fault.path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._armed.remove(fault)
                    return fault
        return None
