"""Real threads and commits against the services of the catalogue."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from catalog.models import Category, Product, ProductImage, Variant
from catalog.services.categories import create_category, delete_category, update_category
from catalog.services.images import add_image
from catalog.services.products import create_product, delete_product, update_product
from catalog.services.stock import record_movement
from config.errors import DomainError, InvalidInput
from tests.catalog.factories import make_category, make_upload, make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Start all calls at the same moment; return what each returned or refused with."""
    barrier, results = Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        barrier.wait()
        try:
            results[place] = call()
        except Exception as error:  # noqa: BLE001  raised again in the test's own thread
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return results


def new_product(category, **fields):
    fields = {"name": "Mug", "category": category.pk, "price": 10} | fields
    return create_product(actor=None, fields=fields)


def test_products_of_one_name_created_at_once_all_succeed():
    category = make_category()
    made = at_once(*[lambda: new_product(category, tags=["red", "new"]) for _ in range(6)])
    assert len({product.slug for product in made}) == 6
    assert Product.objects.count() == Variant.objects.count() == 6


def test_a_sku_wanted_by_many_is_given_once():
    category = make_category()
    results = at_once(*[lambda: new_product(category, sku="one") for _ in range(6)])
    refusals = [result for result in results if isinstance(result, InvalidInput)]
    assert len(refusals) == 5
    assert all("sku" in refusal.details for refusal in refusals)
    assert Product.objects.count() == Variant.objects.filter(sku="ONE").count() == 1


def test_two_moves_cannot_close_a_cycle():
    for _ in range(5):
        one, two = make_category(), make_category()
        at_once(
            lambda a=one, b=two: update_category(category_id=a.pk, fields={"parent": b.pk}),
            lambda a=one, b=two: update_category(category_id=b.pk, fields={"parent": a.pk}),
        )
        one.refresh_from_db()
        two.refresh_from_db()
        assert {one.parent_id, two.parent_id} in ({None, one.pk}, {None, two.pk})


def test_a_category_that_is_created_below_a_moving_one_gets_the_right_path():
    for _ in range(5):
        old, new = make_category(), make_category()
        middle = make_category(parent=old)
        at_once(
            lambda m=middle, n=new: update_category(category_id=m.pk, fields={"parent": n.pk}),
            lambda m=middle: create_category(fields={"name": "Leaf", "parent": m.pk}),
        )
        leaf = Category.objects.get(parent=middle)
        assert leaf.path == f"/{new.pk}/{middle.pk}/{leaf.pk}/"


def test_a_category_is_deleted_or_gets_its_product_but_not_both():
    for _ in range(5):
        category = make_category()
        deleted, made = at_once(
            lambda c=category: delete_category(category_id=c.pk),
            lambda c=category: new_product(c),
        )
        kept = Category.objects.filter(pk=category.pk).exists()
        assert kept == isinstance(made, Product) == isinstance(deleted, DomainError)


def test_changes_of_price_stock_and_pictures_at_once_leave_the_product_right():
    variant = make_variant(price="10", on_hand=0, watched=True)
    product_id = variant.product_id
    calls = []
    for number in range(3):
        calls += [
            lambda n=number: update_product(
                product_id=product_id, actor=None, fields={"price": 20 + n}
            ),
            lambda: record_movement(variant_id=variant.pk, kind="IN", quantity=1, recorded_by=None),
            lambda: add_image(product_id=product_id, upload=make_upload(), fields={}),
        ]
    results = at_once(*calls)
    assert not [result for result in results if result is None or isinstance(result, Exception)]
    product = Product.objects.get()
    assert product.price == product.base_price == product.variants.get().price
    assert product.in_stock
    assert product.variants.get().stock.on_hand == 3
    assert ProductImage.objects.filter(primary_of=product).count() == 1
    assert sorted(product.images.values_list("position", flat=True)) == [0, 1, 2]


def test_a_product_can_be_deleted_while_its_stock_moves():
    for _ in range(5):
        variant = make_variant()
        at_once(
            lambda v=variant: delete_product(product_id=v.product_id),
            lambda v=variant: record_movement(
                variant_id=v.pk, kind="IN", quantity=1, recorded_by=None
            ),
            lambda v=variant: update_product(
                product_id=v.product_id, actor=None, fields={"price": 5}
            ),
        )
        assert not Product.objects.filter(pk=variant.product_id).exists()
