"""The ways that orders and their money go, and which deed of each the faults strike."""

from collections.abc import Callable
from dataclasses import dataclass

from .agreement import CANCELLED, HALF_REFUNDED, PAID, REFUNDED, TOO_LATE, UNPAID, Ending
from .purchases import Purchase as P

Deed = Callable[[P], None]


@dataclass(frozen=True)
class Plan:
    """A deed that faults strike, what came before it, and what follows the recovery."""

    name: str
    before: tuple[Deed, ...]
    deed: Deed
    ends: Ending
    least_steps: int  # as many steps as a change of the code must not fall below
    is_repeated: bool = False  # whoever got no answer tries again
    after: tuple[Deed, ...] = ()


START = (P.initiate, P.pay)
BOUGHT = (*START, P.verify, P.send_mail)
LATE = (P.initiate, P.run_out, P.expire, P.pay)
PLANS = [
    Plan("initiate", (), P.initiate, PAID, 5, is_repeated=True, after=(P.pay, P.verify)),
    Plan("initiate, given up", (), P.initiate, UNPAID, 5, after=(P.run_out,)),
    Plan("verify", START, P.verify, PAID, 4),
    Plan("webhooks come in", START, P.hear, PAID, 3),
    Plan("webhooks are handled", (*START, P.hear), P.handle, PAID, 5),
    Plan("reconcile", START, P.reconcile, PAID, 4),
    Plan("mail", (*START, P.verify), P.send_mail, PAID, 9),
    Plan("refund", BOUGHT, P.refund, REFUNDED, 6, is_repeated=True),
    Plan("refund of half", BOUGHT, P.refund_half, HALF_REFUNDED, 6, is_repeated=True),
    Plan("refund arrives", (*BOUGHT, P.refund, P.arrive), P.reconcile, REFUNDED, 5),
    Plan(
        "refund is told", (*BOUGHT, P.refund, P.arrive, P.hear), P.handle, REFUNDED, 5
    ),
    Plan("cancel", BOUGHT, P.cancel, CANCELLED, 3, is_repeated=True),
    Plan("cancelled, refund", (*BOUGHT, P.cancel), P.send_refund, CANCELLED, 3),
    Plan("expire", (P.initiate, P.run_out), P.expire, UNPAID, 4),
    Plan("expire, but paid", (*START, P.run_out), P.expire, PAID, 4),
    Plan("late money", LATE, P.reconcile, TOO_LATE, 4),
    Plan("late money is told", (*LATE, P.hear), P.handle, TOO_LATE, 5),
    Plan("late money, refund", (*LATE, P.reconcile), P.send_refund, TOO_LATE, 3),
]
# Razorpay alone can hold money, and leaves its capture to us.
HELD = [
    Plan("capture", (P.initiate, P.hold), P.verify, PAID, 7),
    Plan("capture by worker", (P.initiate, P.hold), P.reconcile, PAID, 7),
]
BY_NAME = {plan.name: plan for plan in PLANS + HELD}
