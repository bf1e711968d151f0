"""Two members of staff at one row at the same moment: each entry begins where another ended."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import AuditEntry
from carts.models import TaxRate
from carts.services.terms import delete_row, save_row
from config import acting
from config.errors import NotFound
from tests.accounts.factories import make_staff
from tests.carts.factories import make_tax_rate

from .races import meet_at, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"country": "IN", "state": "", "tax_class": "standard", "parts": "", "is_active": "on"}


def by_service(row, rate):
    user = make_staff()

    def job():
        with acting.acting(acting.API, lambda: user):
            save_row(row, {"rate": rate})

    return job


def by_admin(row, rate):
    client = Client()
    client.force_login(make_staff())
    return lambda: client.post(f"/admin/carts/taxrate/{row.pk}/change/", FORM | {"rate": rate})


def told():
    return [entry.changes["rate"] for entry in AuditEntry.objects.order_by("pk")]


@pytest.mark.parametrize("ways", [(by_service, by_service), (by_service, by_admin)])
def test_before_is_what_the_other_one_left(ways):
    row = make_tax_rate(rate="18")
    meet_at("carts_taxrate", *(way(row, rate) for way, rate in zip(ways, "57", strict=True)))
    (start, middle), (again, end) = told()
    assert start == "18"
    assert middle == again
    assert {middle, end} == {"5", "7"}
    assert TaxRate.objects.get().rate == int(end)


def test_control_without_the_lock_both_begin_where_the_first_did(monkeypatch):
    row = make_tax_rate(rate="18")
    take_lock_away(monkeypatch, TaxRate)
    jobs = by_service(row, "5"), by_service(row, "7")
    results = meet_at("carts_taxrate", *jobs, deferred=True)
    if connection.vendor == "sqlite":  # its snapshots let the second writer fail instead
        assert any(isinstance(result, OperationalError) for result in results)
        assert len(told()) == 1
    else:
        assert [before for before, _ in told()] == ["18", "18"]


def test_of_two_who_delete_one_row_one_is_told():
    row = make_tax_rate()
    users = [make_staff(), make_staff()]

    def delete(user):
        mine = TaxRate.objects.get(pk=row.pk)
        with acting.acting(acting.API, lambda: user):
            try:
                delete_row(mine)
            except NotFound:
                return "gone"
            return "deleted"

    jobs = [lambda user=user: delete(user) for user in users]
    assert sorted(meet_at("carts_taxrate", *jobs)) == ["deleted", "gone"]
    assert [entry.action for entry in AuditEntry.objects.all()] == ["deleted"]
