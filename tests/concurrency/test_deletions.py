"""What is deleted while somebody puts it into a cart: a refusal or an archived row, never a 500."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from django.db import IntegrityError, connection, connections, transaction

from carts.models import CartItem
from carts.services.access import Caller
from carts.services.choices import Wanted
from carts.services.lines import add_item
from catalog.models import Product, Variant
from catalog.services.products import delete_product
from config.errors import InvalidInput
from tests.carts.factories import make_cart
from tests.catalog.factories import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(first, second):
    """Call `second` while the transaction of `first` is open, and return what it answered."""
    has_written = Event()

    def slow():
        try:
            with transaction.atomic():
                first()
                connection.check_constraints()  # PostgreSQL would look at the commit
                has_written.set()
                sleep(0.5)
        finally:
            connections.close_all()

    def quick():
        try:
            has_written.wait(timeout=30)
            return second()
        except Exception as error:  # noqa: BLE001  what it raised is its answer
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        waiting, answer = pool.submit(slow), pool.submit(quick)
        waiting.result(timeout=60)
        return answer.result(timeout=60)


def add(cart, variant, service=add_item):
    return lambda: service(caller=Caller(named_id=cart.pk), wanted=Wanted(1, variant.pk))


def delete_row(variant):
    def run():
        Variant.objects.filter(pk=variant.pk).delete()
        Product.objects.filter(pk=variant.product_id).delete()

    return run


def test_what_is_being_deleted_is_refused_as_not_sold():
    cart, variant = make_cart(), make_variant()
    answer = meanwhile(delete_row(variant), add(cart, variant))
    assert isinstance(answer, InvalidInput)
    assert not CartItem.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write")
def test_control_without_the_repetition_the_key_is_broken():
    cart, variant = make_cart(), make_variant()
    once = add_item.__wrapped__
    answer = meanwhile(delete_row(variant), add(cart, variant, service=once))
    assert isinstance(answer, IntegrityError)


def test_what_is_just_put_into_a_cart_is_archived():
    cart, variant = make_cart(), make_variant()
    answer = meanwhile(add(cart, variant), lambda: delete_product(product_id=variant.product_id))
    assert answer is None
    assert Product.objects.get().archived_at is not None
    assert CartItem.objects.get().variant == variant
