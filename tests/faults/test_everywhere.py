"""Whatever dies or falls silent, order, payment, gateway, stock, mails and invoices agree.

Lines are cut for Razorpay alone: what the others do then is in their own tests.
"""

import pytest
from django.db import connection

from .plans import BY_GATEWAY, BY_NAME, HELD, PLANS
from .runs import strike_everywhere

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
RAZORPAY = [("razorpay", plan.name) for plan in PLANS + HELD]
OTHERS = [
    pytest.param(
        gateway,
        name,
        marks=pytest.mark.skipif(
            connection.vendor != "postgresql",
            reason="the steps are Razorpay's: one database is enough for the other gateways",
        ),
    )
    for gateway in ("stripe", "chapa")
    for name in BY_GATEWAY
]


@pytest.mark.parametrize(("side", "name"), RAZORPAY + OTHERS, indirect=["side"])
def test_whatever_dies_or_falls_silent_all_agree_in_the_end(side, name, note):
    plan = BY_NAME[name]
    report = strike_everywhere(plan, side, cuts_lines=side.id == "razorpay")
    note(plan, report)
    assert not report.wrong
    assert len(report.steps) >= plan.least_steps, report.steps
