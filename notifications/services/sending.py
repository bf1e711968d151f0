"""One webhook on the wire: signed, sent to the very address that was judged, cut off in time."""

import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache

from django.utils import timezone

from ..errors import AddressRefused
from .addresses import Address, read_address, resolve

# In all: name, connection, request, and the answer as far as it is read.
TIMEOUT = 10.0
MOST_READ = 2000
LONGEST_EXCERPT = 500
SIGNATURE_HEADER = "X-Storefront-Signature"


@dataclass(frozen=True)
class Outcome:
    """What became of one try."""

    is_accepted: bool
    latency_ms: int
    status: int | None = None
    excerpt: str = ""
    error: str = ""
    # Seconds that the receiver asks to be left alone.
    retry_after: float | None = None


def sign(secret: str, body: bytes, at: float) -> str:
    """Return the value of the signature's header for a body that is sent at a moment."""
    moment = str(int(at))
    signed = f"{moment}.".encode() + body
    return f"t={moment},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def post(*, url: str, secret: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Post a signed body and tell what came of it; whatever goes wrong is an outcome, too."""
    started = time.monotonic()
    try:
        status, excerpt, retry_after = _exchange(url, secret, body, headers, started)
    except (AddressRefused, OSError, http.client.HTTPException, ValueError) as error:
        return Outcome(False, _since(started), error=_say(error, started))
    if time.monotonic() - started >= TIMEOUT:
        return Outcome(False, _since(started), status, excerpt, _say(None, started))
    is_accepted = 200 <= status < 300
    error_text = "" if is_accepted else f"The answer was {status}."
    return Outcome(is_accepted, _since(started), status, excerpt, error_text, retry_after)


def _exchange(
    url: str, secret: str, body: bytes, headers: dict[str, str], started: float
) -> tuple[int, str, float | None]:
    """Post, and return status, the beginning of the answer, and the wait that it asks for."""
    address = read_address(url)
    connection = _connection_to(address)
    with _line_to(address, started) as line:
        connection.sock = line
        signature = sign(secret, body, time.time())
        own = {"Content-Type": "application/json", "User-Agent": "Storefront-Webhooks/1"}
        connection.request(
            "POST", address.path, body, own | headers | {SIGNATURE_HEADER: signature}
        )
        response = connection.getresponse()
        text = response.read(MOST_READ).decode(errors="replace").replace("\x00", "")
        return response.status, text[:LONGEST_EXCERPT], _wait_of(response.getheader("Retry-After"))


def _connection_to(address: Address) -> http.client.HTTPConnection:
    """Return what speaks HTTP over a line that is given to it; it opens none by itself."""
    if address.is_secure:
        return http.client.HTTPSConnection(address.host, address.port, context=_trust())
    return http.client.HTTPConnection(address.host, address.port)


@contextmanager
def _line_to(address: Address, started: float) -> Iterator[socket.socket]:
    """Open a line, with TLS where it belongs, that is cut when the time is over.

    The time-out of a socket starts anew with each byte: a receiver that sends one a second would
    hold us for ever.
    """
    line = _connect(address, resolve(address), started)
    if address.is_secure:
        line = _trust().wrap_socket(
            line, server_hostname=address.host, do_handshake_on_connect=False
        )
    timer = threading.Timer(_left(started), _cut, [line])
    timer.daemon = True
    timer.start()
    try:
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        yield line
    finally:
        timer.cancel()
        line.close()


def _connect(address: Address, found: list[str], started: float) -> socket.socket:
    """Connect to the first of the judged IP addresses that answers."""
    failure: OSError = ConnectionError("No address answers.")
    for each in found:
        try:
            return socket.create_connection((each, address.port), timeout=_left(started))
        except OSError as error:
            failure = error
    raise failure


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of TLS, which would change its state under a thread that is reading.
        socket.socket.shutdown(line, socket.SHUT_RDWR)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _left(started: float) -> float:
    left = TIMEOUT - (time.monotonic() - started)
    if left <= 0:
        raise TimeoutError
    return left


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _say(error: Exception | None, started: float) -> str:
    if error is None or time.monotonic() - started >= TIMEOUT:
        return f"No whole answer within {TIMEOUT:g} seconds."
    if isinstance(error, AddressRefused):
        return error.message
    return f"{type(error).__name__}: {error}"[:255]


def _wait_of(header: str | None) -> float | None:
    """Read Retry-After: seconds or a date; what cannot be read says nothing."""
    if not header:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header.strip()[:9])
    try:
        return max(0.0, (parsedate_to_datetime(header) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None
