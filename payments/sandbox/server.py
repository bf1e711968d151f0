"""The sandbox's HTTP server. It moves no money and must never be public."""

import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from payments.sandbox import pages
from payments.sandbox.background import Timers
from payments.sandbox.chapa import Chapa
from payments.sandbox.control import Control
from payments.sandbox.faults import AFTER_COMMIT, ANSWERS, Fault, Faults
from payments.sandbox.merchant import Merchant
from payments.sandbox.messages import Request, Response
from payments.sandbox.pace import Pace
from payments.sandbox.razorpay import Razorpay
from payments.sandbox.store import Store
from payments.sandbox.stripe import Stripe
from payments.sandbox.webhooks import Deliverer, Endpoint

logger = logging.getLogger(__name__)
Protocol = Razorpay | Chapa | Stripe
LARGEST_BODY = 1_000_000


class SandboxServer:
    """Starts in threads of its own; port 0 takes any free one."""

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        webhook_secret: str = "",
        webhook_url: str | None = None,
        data: str | Path = "var/sandbox.sqlite3",
        host: str = "127.0.0.1",
        port: int = 8001,
        pace: Pace | None = None,
        first_retry: float = 1.0,
        chapa: Merchant | None = None,
        stripe: Merchant | None = None,
    ) -> None:
        self.store = Store(data)
        self.faults = Faults()
        self.razorpay = Razorpay(self.store, key_id, key_secret, webhook_secret)
        self.first_pace = pace or Pace()
        self.razorpay.account.pace = self.first_pace
        self.protocols: list[Protocol] = [self.razorpay]
        endpoints = {self.razorpay.name: Endpoint(webhook_url, self.razorpay.webhook_headers)}
        if chapa:
            self.protocols.append(Chapa(self.store, chapa, self.pace))
            endpoints[Chapa.name] = Endpoint(chapa.webhook_url, Chapa.webhook_headers)
        if stripe:
            self.protocols.append(Stripe(self.store, stripe, self.pace))
            endpoints[Stripe.name] = Endpoint(stripe.webhook_url, Stripe.webhook_headers)
        self.deliverer = Deliverer(self.store, endpoints, first_pause=first_retry)
        self.timers = Timers(self.store, {one.name: one.run_timer for one in self.protocols})
        self.store.on_commit = [self.deliverer.wake, self.timers.wake]
        self.control = Control(self)
        self.stopping = threading.Event()
        self._http = Listener((host, port), self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def pace(self) -> Pace:
        """How long things take now: one pace for all gateways."""
        return self.razorpay.account.pace

    def protocol(self, name: str) -> Protocol:
        """The protocol of a gateway, or ValueError where the sandbox does not speak it."""
        for protocol in self.protocols:
            if protocol.name == name:
                return protocol
        raise ValueError(f"The sandbox does not speak {name}.")

    def start(self) -> "SandboxServer":
        for thread in (self.deliverer, self.timers, self._thread):
            thread.start()
        return self

    def stop(self) -> None:
        """Answer nobody any more and close the records; what was due is due at the next start."""
        self.stopping.set()
        self._http.shutdown()
        self._http.hang_up()
        self.timers.stop()
        self.deliverer.stop()
        self.store.close()

    def answer(self, request: Request) -> Response:
        page = pages.find(request, self.razorpay.account)
        if page is not None:
            return page
        if request.path.startswith("/sandbox/"):
            return self.control.handle(request)
        for protocol in self.protocols:
            if request.path.startswith(protocol.prefix):
                return protocol.handle(request)
        return Response.json({"error": "There is no such address."}, 404)


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], sandbox: SandboxServer) -> None:
        super().__init__(address, Handler)
        self.sandbox = sandbox
        self.open: set[socket.socket] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is no news; anything else is."""
        if isinstance(sys.exception(), OSError):
            logger.debug("%s hung up", client_address)
        else:
            logger.exception("A request of %s failed", client_address)

    def hang_up(self) -> None:
        """Close the door and the connections that are kept alive."""
        self.server_close()
        for connection in list(self.open):
            cut(connection)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "PaymentSandbox"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    server: Listener

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def handle_any(self) -> None:
        sandbox = self.server.sandbox
        request = self._read()
        if request is None:
            return self._write(Response.json({"error": "The body is too large."}, 413))
        faulty = not request.path.startswith("/sandbox/")
        fault = sandbox.faults.take(request) if faulty else None
        if fault is not None and fault.mode in ANSWERS:
            return self._write(ANSWERS[fault.mode])
        if fault is not None and fault.mode not in AFTER_COMMIT:
            return self._leave(fault)
        try:
            response = sandbox.answer(request)
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            response = ANSWERS["error500"]
        if fault is None:
            return self._write(response)
        if fault.mode == "half_answer":
            self._write(response, length=len(response.body) // 2)
        return self._leave(fault)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)

    def _read(self) -> Request | None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            return None
        address = urlsplit(self.path)
        return Request(
            "GET" if self.command == "HEAD" else self.command,
            address.path,
            parse_qs(address.query, keep_blank_values=True),
            self.headers,
            self.rfile.read(length),
        )

    def _write(self, response: Response, length: int | None = None) -> None:
        """Send an answer, or the first `length` bytes of its body."""
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[:length])

    def _leave(self, fault: Fault) -> None:
        """Say nothing for a while, then hang up."""
        self.server.sandbox.stopping.wait(fault.seconds)
        self.close_connection = True
        cut(self.connection)


def cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        logger.debug("The other side was gone already")
