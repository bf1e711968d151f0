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
BOUGHT = (*START, P.verify)
SENT_BACK = (*BOUGHT, P.refund, P.arrive)
LATE = (P.initiate, P.run_out, P.expire, P.pay)
PLANS = [
    Plan("initiate", (), P.initiate, PAID, 5, is_repeated=True, after=(P.pay, P.verify)),
    Plan("initiate, given up", (), P.initiate, UNPAID, 5, after=(P.run_out,)),
    Plan("verify", START, P.verify, PAID, 2),
    Plan("webhooks come in", START, P.hear, PAID, 1),
    Plan("webhooks are handled", (*START, P.hear), P.handle, PAID, 3),
    Plan("reconcile", (*START, P.wait), P.reconcile, PAID, 3),
    Plan("mail", BOUGHT, P.send_mail, PAID, 9),
    Plan("refund", BOUGHT, P.refund, REFUNDED, 6, is_repeated=True),
    Plan("refund arrives", (*SENT_BACK, P.wait), P.reconcile, REFUNDED, 4),
    Plan("refund is told", (*SENT_BACK, P.hear_of_refund), P.handle, REFUNDED, 2),
    Plan("cancel", BOUGHT, P.cancel, CANCELLED, 1, is_repeated=True),
    Plan("cancelled, refund", (*BOUGHT, P.cancel), P.send_refund, CANCELLED, 3),
    Plan("expire", (P.initiate, P.run_out), P.expire, UNPAID, 3),
    Plan("expire, but paid", (*START, P.run_out), P.expire, PAID, 4),
    Plan("late money", (*LATE, P.wait), P.reconcile, TOO_LATE, 4),
    Plan("late money is told", (*LATE, P.hear), P.handle, TOO_LATE, 6),
    Plan("late money, refund", (*LATE, P.wait, P.reconcile), P.send_refund, TOO_LATE, 3),
]
# Razorpay alone holds money here, and leaves its capture to us.
HELD = [
    Plan("capture", (P.initiate, P.hold), P.verify, PAID, 4),
    Plan("capture by a worker", (P.initiate, P.hold, P.wait), P.reconcile, PAID, 5),
]
# What touches a gateway's own ways; the other deeds are the same for every gateway.
BY_GATEWAY = (
    *("initiate", "initiate, given up", "verify", "webhooks are handled", "reconcile"),
    *("refund", "refund arrives", "refund is told", "late money"),
)
BY_NAME = {plan.name: plan for plan in PLANS + HELD}
# Less than the whole goes back, so that a gateway could do it twice.
HALF_BACK = Plan("refund of half", BOUGHT, P.refund_half, HALF_REFUNDED, 6, is_repeated=True)
