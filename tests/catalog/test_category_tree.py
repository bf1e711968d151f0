"""What holds of a tree of categories of any size and depth."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category
from catalog.services.categories import create_category, update_category
from catalog.services.products import delete_product, update_product
from config.errors import InvalidInput
from tests.accounts.factories import make_staff

from .factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/categories/"


def make_chain(length, parent=None):
    """Categories each below the one before; return them from the top."""
    chain = []
    for _ in range(length):
        parent = make_category(parent=parent)
        chain.append(parent)
    return chain


def make_many_below(parent, count):
    """Categories right below a parent, in two statements."""
    rows = [Category(name=f"{n}", slug=f"many-{n}", parent=parent) for n in range(count)]
    Category.objects.bulk_create(rows)
    rows = list(Category.objects.filter(slug__startswith="many-"))
    for row in rows:
        row.path = f"{parent.path}{row.pk}/"
    Category.objects.bulk_update(rows, ["path"], batch_size=200)


def paths():
    return dict(Category.objects.values_list("pk", "path"))


def counts(api):
    return {row["id"]: row["product_count"] for row in api.get(URL, {"flat": "true"}).json()}


def test_fifty_levels_are_shown_and_no_more_are_made(api):
    chain = make_chain(Category.MAX_DEPTH)
    make_product(category=chain[-1])
    (node,) = api.get(URL).json()
    for category in chain:
        assert (node["id"], node["product_count"]) == (category.pk, 1)
        node = next(iter(node["children"]), None)
    assert node is None
    before = paths()
    with pytest.raises(InvalidInput) as refusal:
        create_category(fields={"name": "Deeper", "parent": chain[-1].pk})
    assert refusal.value.details == {"parent": ["The tree may be 50 levels deep at most."]}
    assert paths() == before


def test_a_move_that_would_make_the_tree_too_deep_is_refused():
    target, moved = make_chain(Category.MAX_DEPTH - 3)[-1], make_chain(4)
    before = paths()
    with pytest.raises(InvalidInput):
        update_category(category_id=moved[0].pk, fields={"parent": target.pk})
    assert paths() == before
    update_category(category_id=moved[1].pk, fields={"parent": target.pk})
    assert paths()[moved[3].pk].count("/") == Category.MAX_DEPTH + 1


def statements_of_a_move(category, parent):
    with CaptureQueriesContext(connection) as captured:
        update_category(category_id=category.pk, fields={"parent": parent.pk})
    return len(captured)


def test_a_move_of_a_thousand_descendants_costs_what_a_move_of_one_does(api):
    small, large, target = make_category(), make_category(), make_category()
    make_many_below(large, 1000)
    leaf = make_category(parent=small)
    assert statements_of_a_move(large, target) == statements_of_a_move(small, target)
    assert paths()[leaf.pk] == f"/{target.pk}/{small.pk}/{leaf.pk}/"
    below = Category.objects.filter(path__startswith=f"/{target.pk}/{large.pk}/")
    assert below.count() == 1001
    row = below.exclude(pk=large.pk).first()
    assert row.path == f"/{target.pk}/{large.pk}/{row.pk}/"


def test_the_tree_costs_two_queries_at_any_size(api, django_assert_num_queries):
    make_many_below(make_category(), 300)
    for flat in ("true", "false"):
        with django_assert_num_queries(2):
            api.get(URL, {"flat": flat})


def test_counts_follow_every_change_at_once(api):
    clothes, shirts, toys = make_category(), None, make_category()
    shirts = make_category(parent=clothes)
    product = make_variant(product=make_product(category=shirts)).product
    assert counts(api) == {clothes.pk: 1, shirts.pk: 1, toys.pk: 0}
    update_category(category_id=shirts.pk, fields={"parent": toys.pk})
    assert counts(api) == {clothes.pk: 0, shirts.pk: 1, toys.pk: 1}
    update_product(product_id=product.pk, actor=None, fields={"category": clothes.pk})
    assert counts(api) == {clothes.pk: 1, shirts.pk: 0, toys.pk: 0}
    update_product(product_id=product.pk, actor=None, fields={"is_active": False})
    assert counts(api) == {clothes.pk: 0, shirts.pk: 0, toys.pk: 0}
    update_product(product_id=product.pk, actor=None, fields={"is_active": True})
    delete_product(product_id=product.pk)
    assert counts(api) == {clothes.pk: 0, shirts.pk: 0, toys.pk: 0}


def test_siblings_stand_by_position_and_name(api):
    top = make_category(name="Top")
    for name, position in (("Zebra", 0), ("Apple", 1), ("Ant", 0)):
        make_category(name=name, position=position, parent=top)
    (root,) = api.get(URL).json()
    assert [child["name"] for child in root["children"]] == ["Ant", "Zebra", "Apple"]


def test_siblings_of_one_name_are_told_apart_by_their_slugs(api):
    api.force_authenticate(make_staff())
    top = make_category()
    made = [api.post(URL, {"name": "Other", "parent": top.pk}).json() for _ in range(2)]
    assert made[0]["slug"] == "other"
    assert made[1]["slug"].startswith("other-")


def test_a_new_name_leaves_the_path_alone():
    chain = make_chain(3)
    before = paths()
    update_category(category_id=chain[1].pk, fields={"name": "New", "position": 4})
    chain[1].refresh_from_db()
    assert (chain[1].name, chain[1].position) == ("New", 4)
    assert paths() == before
