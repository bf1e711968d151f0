"""Running a plan once for each fault that can strike it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from payments.models import Payment, Refund

from .agreement import disagreements, mailbox
from .faults import CUTS, MAIL_CUTS, REFUSED, Cut, Death
from .purchases import Purchase
from .watch import Watch


@dataclass
class Report:
    """What became of a plan under its faults."""

    steps: list[str] = field(default_factory=list)
    seen: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def watch(plan, side):
    """Run a plan without a fault; what its deed does, step by step."""
    purchase, watched = _prepare(plan, side), Watch()
    with watched.watching():
        plan.deed(purchase)
    _finish(plan, purchase)
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


def die_everywhere(plan, side):
    """Kill the process at every moment of a plan's deed."""
    report = Report(watch(plan, side).steps)
    for after in range(len(report.steps) + 1):
        steps = ["the start", *report.steps, "the end"]
        place = f"died between {steps[after]!r} and {steps[after + 1]!r}"
        # The mail server took it, and nobody is left who knows: the one repeat that may be.
        may_repeat = steps[after] == "mail"
        _note(report, place, plan, strike(plan, side, Death(after)), may_repeat)
    return report


def cut_everywhere(plan, side):
    """Cut every line of a plan's deed in every way."""
    watched = watch(plan, side)
    report = Report([name for _, name in watched.calls()])
    for at, name in watched.calls():
        for how in MAIL_CUTS if name == "mail" else (REFUSED, *CUTS):
            may_repeat = name == "mail" and how != REFUSED
            _note(report, f"{name}: {how}", plan, strike(plan, side, Cut(at, how)), may_repeat)
    return report


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


def _note(report, place, plan, purchase, may_repeat):
    wrong = disagreements(purchase, plan.ends, mail_may_repeat=may_repeat)
    report.seen[_outcome(purchase)] += 1
    report.wrong += [f"{plan.name}, {place}: {each}" for each in wrong]


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
