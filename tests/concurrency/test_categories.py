"""Two moves of categories at the same moment, and a control without the lock of the tree."""

import pytest
from django.db import OperationalError, connection

from catalog.models import Category
from catalog.services.categories import create_category, update_category
from config.errors import InvalidInput
from tests.catalog.factories import make_category

from .races import meet_at, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)


def move(category, below):
    def job():
        try:
            update_category(category_id=category.pk, fields={"parent": below.pk})
        except InvalidInput:
            return "refused"
        return "moved"

    return job


def race_to_be_below_each_other(deferred=False):
    one, two = make_category(), make_category()
    results = meet_at("catalog_category", move(one, two), move(two, one), deferred=deferred)
    one.refresh_from_db()
    two.refresh_from_db()
    return results, {one.parent_id, two.parent_id} == {one.pk, two.pk}


def test_of_two_moves_below_each_other_one_is_refused():
    results, is_cycle = race_to_be_below_each_other()
    assert sorted(results) == ["moved", "refused"]
    assert not is_cycle
    moved = Category.objects.exclude(parent=None).get()
    assert moved.path == f"/{moved.parent_id}/{moved.pk}/"


def test_control_without_the_lock_the_two_close_a_cycle(monkeypatch):
    take_lock_away(monkeypatch, Category)
    results, is_cycle = race_to_be_below_each_other(deferred=True)
    if connection.vendor == "sqlite":  # its snapshots let the second writer fail instead
        assert results.count("moved") == 1
        assert any(isinstance(result, OperationalError) for result in results)
    else:
        assert results == ["moved", "moved"]
        assert is_cycle


def create_below_a_moving_one(name="Leaf", deferred=False):
    """Return the path that a new category got, and the one that it should have."""
    old, new = make_category(), make_category()
    middle = make_category(parent=old)

    def create():
        create_category(fields={"name": name, "parent": middle.pk})

    results = meet_at("catalog_category", move(middle, new), create, deferred=deferred)
    leaf = Category.objects.filter(name=name).first()
    return results, leaf and leaf.path == f"/{new.pk}/{middle.pk}/{leaf.pk}/"


def test_a_category_below_a_moving_one_gets_the_right_path():
    assert create_below_a_moving_one() == (["moved", None], True)


def test_control_without_the_lock_it_gets_the_path_of_before(monkeypatch):
    take_lock_away(monkeypatch, Category)
    if connection.vendor == "sqlite":
        results, _ = create_below_a_moving_one(deferred=True)
        assert any(isinstance(result, OperationalError) for result in results)
    else:  # which of the two commits first is chance
        races = (create_below_a_moving_one(f"Leaf {n}", deferred=True) for n in range(10))
        assert (["moved", None], False) in races
