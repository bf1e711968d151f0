"""Running a plan once for each fault that can strike it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from payments.models import Refund

from .agreement import disagreements, mailbox
from .faults import CUTS, MAIL_CUTS, REFUSED, Cut, Death
from .purchases import Purchase
from .watch import MAIL, Watch


@dataclass
class Report:
    """What became of a plan under its faults: each outcome, and how often it came of what."""

    steps: list[str]
    seen: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)


def strike_everywhere(plan, side, *, cuts_lines=True):
    """Kill the process at every moment of a plan's deed, and cut every line of it in every way."""
    watched = watch(plan, side)
    report = Report(watched.steps)
    for place, fault, may_repeat in [*deaths(watched), *(cuts(watched) if cuts_lines else [])]:
        purchase = strike(plan, side, fault)
        wrong = disagreements(purchase, plan.ends, mail_may_repeat=may_repeat)
        report.seen[_outcome(purchase)][type(fault)] += 1
        report.wrong += [f"{plan.name}, {place}: {each}" for each in wrong]
    return report


def deaths(watched):
    """Every moment to die at: what lies around it, and whether a mail may go out twice then.

    It may where the mail server took it and nobody was left who knew.
    """
    steps = ["the start", *watched.steps, "the end"]
    for after in range(len(steps) - 1):
        place = f"died between {steps[after]!r} and {steps[after + 1]!r}"
        yield place, Death(after), steps[after] == MAIL


def cuts(watched):
    """Every way to cut a line, likewise."""
    for at, name in watched.calls():
        for how in MAIL_CUTS if name == MAIL else CUTS:
            yield f"{name}: {how}", Cut(at, how), name == MAIL and how != REFUSED


def watch(plan, side):
    """Run a plan without a fault; what its deed does, step by step."""
    purchase, watched = _prepare(plan, side), Watch()
    with watched.watching():
        plan.deed(purchase)
    _finish(plan, purchase)
    assert not disagreements(purchase, plan.ends)
    assert not watched.held_up
    return watched


def strike(plan, side, fault):
    """Run a plan, its deed under a fault; the purchase after all has come to rest."""
    purchase = _prepare(plan, side)
    fault.strike(lambda: plan.deed(purchase), side.server)
    if plan.is_repeated:
        purchase.recover()  # whoever tries again does so after a while
        plan.deed(purchase)
    _finish(plan, purchase)
    return purchase


def _prepare(plan, side):
    for file in Path(settings.EMAIL_FILE_PATH).glob("*.log"):
        file.unlink()
    purchase = Purchase(side)
    for deed in plan.before:
        deed(purchase)
    return purchase


def _finish(plan, purchase):
    purchase.recover()
    if plan.after:
        for deed in plan.after:
            deed(purchase)
        purchase.recover()


def _outcome(purchase):
    order = purchase.order
    order.refresh_from_db()
    captured = sum(payment.is_captured for payment in order.payments.all())
    refunds = Refund.objects.filter(payment__order=order, status="processed").count()
    taken = mailbox()
    repeats = sum(taken.values()) - len(taken)
    return (
        f"{order.status}/{order.payment_status}, {captured} captured, {refunds} refunded, "
        f"{len(taken)} mails{' (one twice)' * repeats}"
    )
