"""A running sandbox, the official SDK that talks to it, and a shop that takes its webhooks."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import razorpay
import requests

from payments.sandbox.pace import Pace
from payments.sandbox.server import SandboxServer

KEYS = {
    "key_id": "rzp_test_abcdefghijklmn",
    "key_secret": "secret-of-the-api",
    "webhook_secret": "secret-of-the-webhooks",
}
QUICK = {"timeout_after": 0.1, "late_after": 0.2, "refund_after": 0.05}


def until(fact, seconds=5.0):
    """Ask again and again until the fact holds; its value."""
    deadline = time.monotonic() + seconds
    while not (value := fact()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return value


class Shop(ThreadingHTTPServer):
    """Notes every webhook; answers with the next planned status, after the next planned pause."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received = []
        self.statuses = []
        self.pauses = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hooks"

    def events(self, name=None):
        with self.lock:
            return [one for one in self.received if name in (None, one["json"]["event"])]


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        note = {
            "headers": self.headers,
            "body": body,
            "json": requests.models.complexjson.loads(body),
        }
        with self.server.lock:
            self.server.received.append(note)
            status = self.server.statuses.pop(0) if self.server.statuses else 200
            pause = self.server.pauses.pop(0) if self.server.pauses else 0
        time.sleep(pause)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def shop():
    server = Shop()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(tmp_path):
    """Starts sandboxes over one file of records and stops them at the end."""
    running = []

    def begin(**options):
        given = {**KEYS, "data": tmp_path / "sandbox.sqlite3", "port": 0, "first_retry": 0.05}
        given["pace"] = Pace(**QUICK)
        server = SandboxServer(**{**given, **options}).start()
        running.append(server)
        return server

    yield begin
    for server in running:
        if not server.stopping.is_set():
            server.stop()


@pytest.fixture
def sandbox(start, shop):
    return start(webhook_url=shop.url)


def client_of(server, **keys):
    auth = (keys.get("key_id", KEYS["key_id"]), keys.get("key_secret", KEYS["key_secret"]))
    return razorpay.Client(auth=auth, base_url=server.url)


@pytest.fixture
def client(sandbox):
    return client_of(sandbox)


@pytest.fixture
def order(client):
    return client.order.create({"amount": 149900, "currency": "INR", "receipt": "web-1"})


@pytest.fixture
def act(sandbox):
    """Uses the control interface: act("pay", order_id=..., vpa=...) gives status and JSON."""

    def post(address, **fields):
        answer = requests.post(f"{sandbox.url}/sandbox/{address}", json=fields, timeout=10)
        return answer.status_code, answer.json()

    return post
