from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from carts.models import Cart, CartItem
from carts.services import cleaning
from carts.tasks import clean_guest_carts
from tests.accounts.factories import make_user

from .factories import make_cart, make_item

pytestmark = pytest.mark.django_db


def age(cart, *, by):
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - by)
    return cart


def test_guest_carts_that_nobody_touched_are_deleted_in_batches(monkeypatch):
    monkeypatch.setattr(cleaning, "BATCH_SIZE", 2)
    lifetime = settings.GUEST_CART_LIFETIME
    for _ in range(5):
        age(make_item().cart, by=lifetime)
    fresh = age(make_item().cart, by=lifetime - timedelta(minutes=1))
    users = age(make_cart(user=make_user()), by=lifetime * 2)
    clean_guest_carts()
    assert set(Cart.objects.all()) == {fresh, users}
    assert CartItem.objects.get().cart == fresh


def test_the_command_tells_how_many_went(capsys):
    age(make_cart(), by=settings.GUEST_CART_LIFETIME)
    call_command("cleanup_carts")
    assert capsys.readouterr().out == "Guest carts deleted: 1\n"
    call_command("cleanup_carts")
    assert capsys.readouterr().out == "Guest carts deleted: 0\n"
