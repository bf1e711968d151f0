"""The addresses under /sandbox/: what tests and demonstrations do behind the scenes."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from payments.sandbox import chapa, stripe
from payments.sandbox.messages import Request, Response
from payments.sandbox.razorpay import checkout, disputes, refunds
from payments.sandbox.razorpay.account import DISPUTE, NAME, REFUND
from payments.sandbox.razorpay.errors import Refusal

if TYPE_CHECKING:
    from payments.sandbox.server import SandboxServer

DEFAULT_OTP = "123456"
Fields = dict[str, Any]


class Control:
    def __init__(self, server: "SandboxServer") -> None:
        self._server = server
        self._store = server.store
        self._account = server.razorpay.account
        self._routes: dict[tuple[str, str], Callable[[Fields], object]] = {
            ("POST", "pay"): self.pay,
            ("POST", "refund"): self.refund,
            ("POST", "dispute"): self.dispute,
            ("POST", "pace"): self.set_pace,
            ("POST", "webhooks"): self.set_webhooks,
            ("POST", "faults"): self.arm_fault,
            ("DELETE", "faults"): self.clear_faults,
            ("GET", "faults"): lambda _: self._server.faults.armed(),
            ("GET", "events"): lambda _: [event.as_json() for event in self._store.events.all()],
            ("GET", "state"): lambda _: {one.name: one.state() for one in self._server.protocols},
            ("POST", "reset"): self.reset,
        }

    def handle(self, request: Request) -> Response:
        if foreign(request):
            return Response.json({"error": "Only the sandbox's own pages may do this."}, 403)
        name = request.path.removeprefix("/sandbox/").strip("/")
        try:
            if request.method == "POST" and name.startswith("events/"):
                return Response.json(self.replay(name))
            fields = request.fields()
            gateway = fields.pop("gateway", NAME)
            if request.method == "POST" and gateway != NAME:
                return Response.json(self._server.protocol(gateway).act(name, fields))
            work = self._routes.get((request.method, name))
            if work is None:
                return Response.json({"error": "There is no such address."}, 404)
            done = work(fields)
            return done if isinstance(done, Response) else Response.json(done)
        except (Refusal, chapa.Refusal, stripe.Refusal) as refusal:
            return refusal.response()
        except (TypeError, ValueError) as problem:
            return Response.json({"error": str(problem)}, 400)

    def pay(self, fields: Fields) -> Response:
        """Pay an order without a browser, with a good one-time code unless another is given."""
        with self._store.transaction():
            status, data = checkout.pay(self._account, {"otp": DEFAULT_OTP, **fields})
        return Response.json(data, status)

    def refund(self, fields: Fields) -> object:
        """Refund as the merchant does in the dashboard; or end a refund, as the bank does."""
        payment_id = str(fields.pop("payment_id", ""))
        with self._store.transaction():
            if "refund_id" in fields:
                return self.end_refund(str(fields["refund_id"]), fields.get("status"))
            return refunds.refund(self._account, payment_id, fields)

    def end_refund(self, refund_id: str, status: object) -> object:
        entity = self._account.find(REFUND, refund_id)
        if entity["status"] != "pending" or status not in ("processed", "failed"):
            raise ValueError("A pending refund ends as processed or failed.")
        refunds.finish(self._account, entity, str(status))
        return entity

    def dispute(self, fields: Fields) -> object:
        """Open a dispute of a payment, or bring an open one to its next status."""
        with self._store.transaction():
            if "dispute_id" not in fields:
                return disputes.open_dispute(self._account, fields)
            dispute = self._account.find(DISPUTE, str(fields["dispute_id"]))
            return disputes.move_dispute(self._account, dispute, str(fields.get("status")))

    def set_pace(self, fields: Fields) -> object:
        self._account.pace = dataclasses.replace(self._account.pace, **fields)
        return dataclasses.asdict(self._account.pace)

    def set_webhooks(self, fields: Fields) -> object:
        """Withhold, double, reorder or delay the webhooks."""
        deliverer, outbox = self._server.deliverer, self._store.events
        delay = float(fields.pop("delay", outbox.delay))
        deliverer.habits = dataclasses.replace(deliverer.habits, **fields)
        outbox.delay = delay
        deliverer.wake()
        return {**dataclasses.asdict(deliverer.habits), "delay": delay}

    def arm_fault(self, fields: Fields) -> object:
        self._server.faults.arm(fields)
        return self._server.faults.armed()

    def clear_faults(self, fields: Fields) -> object:
        self._server.faults.clear()
        return []

    def replay(self, name: str) -> object:
        event_id = name.removeprefix("events/").removesuffix("/replay")
        event = self._store.events.get(event_id)
        if event is None or not name.endswith("/replay"):
            raise ValueError("There is no such event.")
        self._store.events.replay(event)
        self._server.deliverer.wake()
        return event.as_json()

    def reset(self, fields: Fields) -> object:
        """Forget every record, fault and habit."""
        self._server.faults.clear()
        self.set_webhooks({"enabled": True, "duplicate": 0, "shuffle": False, "delay": 0})
        self._account.pace = self._server.first_pace
        self._store.reset()
        return {}


def foreign(request: Request) -> bool:
    """Whether a page of another site sent this; its reader must not pay by accident."""
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("Host")
