from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from catalog.importing.source import SourceProduct
from catalog.importing.writing import write_products
from catalog.models import Product, SearchDocument, SearchRecount, SearchRename, SearchWord, Tag
from catalog.search.documents import index_products
from catalog.search.rebuilding import index_all_products, recount_words
from catalog.search.renames import follow_renames
from catalog.search.vocabulary import count_new_words
from catalog.services.categories import create_category, delete_category, update_category
from catalog.services.products import (
    create_product,
    delete_product,
    flag_products,
    update_product,
)
from catalog.services.stock import record_movement
from catalog.services.tags import delete_tag, update_tag
from catalog.services.variants import create_variant, delete_variant, update_variant
from tests.accounts.factories import make_staff
from tests.carts.factories import make_item
from tests.catalog.factories import make_category, make_product, make_variant

from .shop import corrected, found, stock

# InnoDB's full-text index shows rows once they are committed, and not before.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


def nothing(number):
    """Stands in for a bar of progress."""


def add(name, **fields):
    category = fields.pop("category", None) or make_category(name="Things").pk
    fields = {"name": name, "category": category, "price": "10"} | fields
    return create_product(actor=None, fields=fields)


def frequency(word):
    return SearchWord.objects.get(word=word).frequency


def test_a_product_is_found_as_soon_as_it_is_created_or_changed():
    product = add("Blue mug", sku="MUG-77")
    assert found("blue mug") == found("mug77") == ["Blue mug"]
    update_product(product_id=product.pk, actor=None, fields={"name": "Red cup"})
    assert found("mug blue") == []
    assert found("red cup") == ["Red cup"]


def test_every_field_that_is_searched_is_followed():
    product = add("Blue mug")
    update_product(
        product_id=product.pk,
        actor=None,
        fields={"brand": "Acme", "description": "Dishwasher proof", "tags": ["Gift idea"]},
    )
    for text in ("acme", "dishwasher", "gift idea", "things"):
        assert found(text) == ["Blue mug"]


def test_variants_are_followed():
    product = add("Blue mug")
    variant = create_variant(
        product_id=product.pk, actor=None, fields={"sku": "XL-1", "price": "5", "name": "Gigantic"}
    )
    assert found("xl1") == found("gigantic") == ["Blue mug"]
    update_variant(variant_id=variant.pk, fields={"sku": "XXL-2"})
    assert found("xl1") == []
    assert found("xxl-2") == ["Blue mug"]
    delete_variant(variant_id=variant.pk)
    assert found("xxl-2") == []


def test_a_deleted_product_takes_its_document_and_its_words_along():
    product = add("Marsupial mug")
    add("Red mug")
    count_new_words()
    delete_product(product_id=product.pk)
    count_new_words()
    assert not SearchDocument.objects.filter(pk=product.pk).exists()
    assert (frequency("marsupial"), frequency("mug")) == (0, 1)
    assert corrected("marsupail") is None


def test_an_archived_product_is_no_longer_in_the_index():
    variant = make_variant(product=make_product(name="Old mug"))
    Product.objects.filter(pk=variant.product_id).update(
        archived_at=timezone.now(), is_active=False
    )
    index_products([variant.product_id])
    assert not SearchDocument.objects.exists()


def test_a_sold_out_product_goes_behind_the_others():
    first, second = add("Red pen one", stock=1), add("Red pen two", stock=1)
    assert found("red pen") == ["Red pen one", "Red pen two"]
    record_movement(
        variant_id=first.variants.get().pk, kind="OUT", quantity=1, recorded_by=make_staff()
    )
    assert found("red pen") == ["Red pen two", "Red pen one"]
    assert second.pk > first.pk


def test_a_renamed_category_renames_all_that_is_below_it():
    root = create_category(fields={"name": "Kitchen"})
    leaf = create_category(fields={"name": "Cups", "parent": root.pk})
    add("Blue mug", category=leaf.pk)
    update_category(category_id=root.pk, fields={"name": "Dining room"})
    assert SearchRename.objects.get().words == " kitchen "
    assert follow_renames() == 1
    assert found("kitchen") == []
    assert found("dining cups") == ["Blue mug"]


def test_a_moved_category_takes_the_names_above_it():
    old, new = create_category(fields={"name": "Office"}), create_category(fields={"name": "Bar"})
    leaf = create_category(fields={"name": "Cups", "parent": old.pk})
    add("Blue mug", category=leaf.pk)
    update_category(category_id=leaf.pk, fields={"parent": new.pk})
    follow_renames()
    assert found("office") == []
    assert found("bar cups") == ["Blue mug"]


def test_a_category_whose_name_has_no_words_is_followed_too():
    category = create_category(fields={"name": "🎁", "slug": "gifts"})
    add("Blue mug", category=category.pk)
    update_category(category_id=category.pk, fields={"name": "Gifts"})
    follow_renames()
    assert found("gifts") == ["Blue mug"]


def test_other_changes_of_a_category_ask_for_no_indexing():
    category = create_category(fields={"name": "Cups"})
    update_category(category_id=category.pk, fields={"name": "Cups", "position": 3})
    delete_category(category_id=category.pk)
    assert not SearchRename.objects.exists()


def test_renamed_and_deleted_tags_are_followed():
    add("Blue mug", tags=["Sale"])
    tag = Tag.objects.get()
    update_tag(tag_id=tag.pk, fields={"name": "Bargain"})
    follow_renames()
    assert (found("sale"), found("bargain")) == ([], ["Blue mug"])
    delete_tag(tag_id=tag.pk)
    follow_renames()
    assert found("bargain") == []


def test_a_noted_rename_is_followed_twice_for_what_was_being_saved_meanwhile():
    add("Blue mug", tags=["Sale"])
    update_tag(tag_id=Tag.objects.get().pk, fields={"name": "Bargain"})
    follow_renames()
    assert SearchRename.objects.count() == 1
    SearchRename.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    assert follow_renames() == 0
    assert not SearchRename.objects.exists()


def test_an_import_leaves_documents_and_words_right():
    items = [
        SourceProduct(
            source="test",
            external_id=str(number),
            name=f"Imported lamp {number}",
            price="1.00",
            category_path=("Lamps",),
        )
        for number in range(3)
    ]
    write_products(items)
    assert found("importd lamp 2") == ["Imported lamp 2"]
    assert frequency("imported") == 3
    assert not SearchRecount.objects.exists()


def test_words_are_counted_once_however_often_a_product_changes():
    product = add("Blue mug", sku="7")
    for name in ("Blue mug blue", "Red mug", "Green mug"):
        update_product(product_id=product.pk, actor=None, fields={"name": name})
    assert count_new_words() == 1
    update_product(product_id=product.pk, actor=None, fields={"name": "Red mug"})
    count_new_words()
    assert (frequency("mug"), frequency("red"), frequency("green")) == (1, 1, 0)
    assert not SearchWord.objects.filter(word="blue").exists()


def test_a_change_of_price_alone_writes_nothing():
    product = add("Blue mug")
    count_new_words()
    update_product(product_id=product.pk, actor=None, fields={"price": "11"})
    assert not SearchRecount.objects.exists()
    assert index_products([product.pk]) == 0


def test_a_rebuild_puts_right_what_is_missing_wrong_or_too_much():
    right, wrong, missing = stock("Right mug", "Wrong mug", "Missing mug")
    SearchDocument.objects.filter(pk=wrong.pk).update(name=" other thing ")
    SearchDocument.objects.filter(pk=missing.pk).delete()
    SearchDocument.objects.create(product_id=10**6, name=" stray ", codes=" ", labels=" ", body=" ")
    SearchWord.objects.update(frequency=7)
    SearchWord.objects.create(word="stray", frequency=1)
    assert index_all_products(nothing) == 3
    recount_words(nothing)
    assert index_all_products(nothing) == 0
    assert found("mug") == ["Right mug", "Wrong mug", "Missing mug"]
    assert (frequency("mug"), frequency("right"), frequency("stray")) == (3, 1, 0)
    assert right.pk < wrong.pk


def rename_while_all_words_are_counted():
    product = add("Blue mug", sku="7")
    count_new_words()

    def meanwhile(number):
        update_product(product_id=product.pk, actor=None, fields={"name": "Red mug"})
        count_new_words()

    recount_words(meanwhile)


def test_what_changes_while_all_words_are_counted_is_counted_afterwards():
    rename_while_all_words_are_counted()
    assert (frequency("blue"), frequency("red"), frequency("mug")) == (0, 1, 1)
    assert not SearchRecount.objects.exists()


def test_control_without_the_hold_words_are_counted_wrong(monkeypatch):
    monkeypatch.setattr("catalog.search.vocabulary._HELD_FOR", timedelta(days=-1))
    rename_while_all_words_are_counted()
    assert (frequency("blue"), frequency("red")) == (1, 1)


def test_the_hold_of_a_rebuild_that_was_broken_off_ends():
    add("Blue mug")
    SearchRecount.objects.create(product_id=0, counted="")
    assert count_new_words() == 0
    SearchRecount.objects.filter(pk=0).update(changed_at=timezone.now() - timedelta(minutes=11))
    count_new_words()
    assert frequency("mug") == 1
    assert not SearchRecount.objects.exists()


@pytest.mark.parametrize("change", ["deactivated", "archived", "sold out"])
def test_counts_and_facets_follow_what_happens_to_a_product(api, change):
    first, _ = add("Red pen one", stock=1), add("Red pen two", stock=1)
    if change == "deactivated":
        flag_products(product_ids=[first.pk], flag="is_active", value=False)
    elif change == "archived":
        make_item(variant=first.variants.get())
        delete_product(product_id=first.pk)
    else:
        sold = {"kind": "OUT", "quantity": 1, "recorded_by": make_staff()}
        record_movement(variant_id=first.variants.get().pk, **sold)
    body = api.get("/api/v1/search/", {"q": "red pen"}).json()
    left = {"true": 1, "false": 1 if change == "sold out" else 0}
    assert (body["count"], body["facets"]["in_stock"]) == (sum(left.values()), left)


def test_very_long_texts_are_indexed_by_their_beginning():
    add("Blue mug", description="needle " + " ".join(map(str, range(2_000))))
    assert found("needle") == ["Blue mug"]
    assert len(SearchDocument.objects.get().body.split()) == 1000
