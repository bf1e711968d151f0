"""Razorpay's wire protocol: its addresses, its authentication, its shape of answers."""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from payments.sandbox.messages import Request, Response
from payments.sandbox.razorpay import checkout, customers, disputes, orders, payments, refunds
from payments.sandbox.razorpay.account import (
    CUSTOMER,
    DISPUTE,
    NAME,
    ORDER,
    PAYMENT,
    REFUND,
    TOKEN,
    Account,
    Entity,
    public,
    webhook_headers,
)
from payments.sandbox.razorpay.checks import check_keys
from payments.sandbox.razorpay.errors import Refusal, without_place
from payments.sandbox.store import Store

Work = Callable[..., Entity]

READS: list[tuple[str, Work]] = [
    ("/v1/orders", orders.list_orders),
    ("/v1/orders/ID", orders.fetch_order),
    ("/v1/orders/ID/payments", orders.payments_of_order),
    ("/v1/payments", payments.list_payments),
    ("/v1/payments/ID", payments.fetch_payment),
    ("/v1/payments/ID/refunds", refunds.refunds_of_payment),
    ("/v1/payments/ID/refunds/ID", refunds.refund_of_payment),
    ("/v1/refunds", refunds.list_refunds),
    ("/v1/refunds/ID", refunds.fetch_refund),
    ("/v1/disputes", disputes.list_disputes),
    ("/v1/disputes/ID", disputes.fetch_dispute),
    ("/v1/customers", customers.list_customers),
    ("/v1/customers/ID", customers.fetch_customer),
    ("/v1/customers/ID/tokens", customers.list_tokens),
    ("/v1/customers/ID/tokens/ID", customers.fetch_token),
]


def pattern(address: str) -> re.Pattern[str]:
    return re.compile(address.replace("ID", r"(\w+)"))


def with_fields(work: Work) -> Work:
    """Give the work the parsed body in the place of the request."""

    def run(account: Account, request: Request, *ids: str) -> Entity:
        return work(account, request.fields(), *ids)

    return run


def edit_of(kind: str) -> Work:
    def run(account: Account, fields: dict[str, Any], record_id: str) -> Entity:
        return orders.edit_notes(account, kind, fields, record_id)

    return with_fields(run)


WRITES: list[tuple[str, str, Work]] = [
    ("POST", "/v1/orders", with_fields(orders.create_order)),
    ("PATCH", "/v1/orders/ID", edit_of(ORDER)),
    ("POST", "/v1/payments/ID/capture", with_fields(payments.capture)),
    ("POST", "/v1/payments/ID/refund", refunds.create_refund),
    ("PATCH", "/v1/payments/ID", edit_of(PAYMENT)),
    ("POST", "/v1/refunds", refunds.create_refund_by_body),
    ("PATCH", "/v1/refunds/ID", edit_of(REFUND)),
    ("POST", "/v1/disputes/ID/accept", with_fields(disputes.accept_dispute)),
    ("PATCH", "/v1/disputes/ID/contest", with_fields(disputes.contest_dispute)),
    ("POST", "/v1/customers", with_fields(customers.create_customer)),
    ("PUT", "/v1/customers/ID", with_fields(customers.edit_customer)),
    ("DELETE", "/v1/customers/ID/tokens/ID", with_fields(customers.delete_token)),
]
ROUTES = [("GET", pattern(address), work) for address, work in READS] + [
    (method, pattern(address), work) for method, address, work in WRITES
]
TIMERS = {
    "time_out": payments.time_out,
    "authorize": payments.authorize_late,
    "release": payments.release,
    "finish_refund": refunds.finish_refund,
}


class Razorpay:
    """One of the server's protocols: answers requests, runs timers, signs events."""

    name = NAME
    prefix = "/v1/"
    webhook_headers = staticmethod(webhook_headers)

    def __init__(self, store: Store, key_id: str, key_secret: str, webhook_secret: str) -> None:
        self.account = Account(store, key_id, key_secret, webhook_secret)

    def handle(self, request: Request) -> Response:
        try:
            with self.account.store.transaction():
                return self._answer(request)
        except Refusal as refusal:
            return refusal.response()
        except ValueError:
            return Refusal("The request body is not valid JSON.").response()

    def run_timer(self, action: str, subject: str) -> None:
        TIMERS[action](self.account, subject)

    def act(self, name: str, fields: dict[str, Any]) -> object:
        raise ValueError(f"Leave the gateway out: {name} is Razorpay's by itself.")

    def state(self) -> dict[str, Any]:
        kinds = {"orders": ORDER, "payments": PAYMENT, "refunds": REFUND, "disputes": DISPUTE}
        kinds |= {"customers": CUSTOMER, "tokens": TOKEN}
        store = self.account.store
        shown = {name: [public(one) for one in store.select(kind)] for name, kind in kinds.items()}
        return {**shown, "pace": asdict(self.account.pace)}

    def _answer(self, request: Request) -> Response:
        by_browser = self._browser(request)
        if by_browser is not None:
            return by_browser
        check_keys(request, self.account.key_id, self.account.key_secret)
        for method, address, work in ROUTES:
            match = address.fullmatch(request.path)
            if match and method == request.method:
                return Response.json(work(self.account, request, *match.groups()))
        raise without_place("The requested URL was not found on the server.")

    def _browser(self, request: Request) -> Response | None:
        """The public addresses, which know the customer by the key id alone."""
        if request.method == "POST" and request.path == "/v1/payments/create/checkout":
            fields = request.fields()
            self._check_key_id(fields.pop("key_id", None))
            status, data = checkout.pay(self.account, fields)
            return Response.json(data, status)
        waiting = re.fullmatch(r"/v1/payments/(\w+)/(status|cancel)", request.path)
        if waiting and request.method == {"status": "GET", "cancel": "POST"}[waiting[2]]:
            self._check_key_id(request.param("key_id"))
            act = checkout.status_of if waiting[2] == "status" else checkout.cancel
            status, data = act(self.account, waiting[1])
            return Response.json(data, status)
        return None

    def _check_key_id(self, key_id: str | None) -> None:
        if key_id != self.account.key_id:
            raise without_place("The api key provided is invalid", status=401)
