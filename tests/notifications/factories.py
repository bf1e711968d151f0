"""Makers of endpoints, events, notifications, and of a receiver that listens on this machine."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from notifications.models import EventRecord, EventType, Notification, WebhookEndpoint

_numbers = count(1)


def make_endpoint(url="https://hooks.example.com/in", *, events=EventType.values, **fields):
    return WebhookEndpoint.objects.create(
        **{"url": url, "events": list(events), "secret_seed": f"seed-{next(_numbers)}"} | fields
    )


def make_event(event_type=EventType.ORDER_PAID, **data):
    return EventRecord.objects.create(type=event_type, data=data or {"id": next(_numbers)})


def make_notification(user, **fields):
    number = next(_numbers)
    fields = {
        "kind": "order_placed",
        "cause": f"order_placed:{number}",
        "title": f"We have your order {number}",
        "body": "Thank you.",
    } | fields
    return Notification.objects.create(user=user, **fields)


class Receiver:
    """An integrator's server: keeps what it gets and answers as `answer` says."""

    def __init__(self):
        self.calls = []
        self.status, self.headers, self.body = 200, {}, b"thanks"
        self.pause = 0
        self.act = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *args: None  # who is cut off has nothing to tell
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hooks?from=shop"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def events(self):
        return [json.loads(body) for _, _, body in self.calls]

    def _handler(receiver):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((self.path, dict(self.headers), body))
                if receiver.act:
                    return receiver.act(self)
                time.sleep(receiver.pause)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *args):
                pass

        return Handler
