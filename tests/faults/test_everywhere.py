"""Whatever dies or falls silent, order, payment, gateway, stock, mails and invoices agree."""

import pytest
from django.db import connection

from .plans import BY_NAME, HELD, PLANS
from .runs import cut_everywhere, die_everywhere, watch

pytestmark = pytest.mark.django_db(transaction=True)
RAZORPAY = [("razorpay", plan.name) for plan in PLANS + HELD]
OTHERS = [
    pytest.param(
        gateway,
        plan.name,
        marks=pytest.mark.skipif(
            connection.vendor != "postgresql",
            reason="the steps are Razorpay's: one database is enough for the other gateways",
        ),
    )
    for gateway in ("stripe", "chapa")
    for plan in PLANS
]
every_plan = pytest.mark.parametrize(("side", "name"), RAZORPAY + OTHERS, indirect=["side"])


@every_plan
def test_wherever_the_process_dies_all_agree_in_the_end(side, name, note):
    plan = BY_NAME[name]
    report = die_everywhere(plan, side)
    note(plan, "death", report)
    assert not report.wrong
    assert len(report.steps) >= plan.least_steps, report.steps


@every_plan
def test_however_a_line_is_cut_all_agree_in_the_end(side, name, note):
    plan = BY_NAME[name]
    report = cut_everywhere(plan, side)
    note(plan, "cut", report)
    assert not report.wrong
