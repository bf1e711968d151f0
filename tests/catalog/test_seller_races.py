"""Applications of one user at the same moment, and a control that loses without its lock."""

import pytest
from django.db import IntegrityError

from accounts.models import Seller, User
from catalog.errors import AlreadyApplied, SellerTransition
from catalog.services.sellers import apply_as_seller, approve_seller, suspend_seller
from tests.accounts.factories import make_user
from tests.accounts.threads import at_once
from tests.concurrency.races import meet_at, take_lock_away

from .factories import make_seller

pytestmark = pytest.mark.django_db(transaction=True)


def apply_twice(*, deferred=False):
    user = make_user()

    def apply():
        try:
            return apply_as_seller(user_id=user.pk, fields={"name": "Mugs"}).name
        except (AlreadyApplied, IntegrityError) as refusal:
            return type(refusal)

    return meet_at("accounts_seller", apply, apply, deferred=deferred)


def test_of_two_applications_at_once_the_second_is_told():
    assert set(apply_twice()) == {"Mugs", AlreadyApplied}
    assert Seller.objects.count() == 1


def test_without_the_lock_the_second_is_not_told(monkeypatch):
    take_lock_away(monkeypatch, User)
    assert AlreadyApplied not in apply_twice(deferred=True)


def test_approving_and_suspending_at_once_leave_role_and_status_alike():
    for _ in range(5):
        seller = make_seller(status="pending")
        services = [approve_seller, suspend_seller]

        def decide(number, seller=seller, services=services):
            services[number](seller_id=seller.pk)

        for result in at_once(2, decide):
            assert result is None or isinstance(result, SellerTransition)
        seller.refresh_from_db()
        user = User.objects.get(pk=seller.user_id)
        assert user.is_seller == (seller.status == "approved")
