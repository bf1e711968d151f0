import pytest

from catalog.models import Collection, OldSlug, Tag
from catalog.services.products import delete_product
from tests.accounts.factories import make_staff

from .factories import make_category, make_product

pytestmark = pytest.mark.django_db
URL = "/api/v1/"


@pytest.fixture
def rename(api):
    """Give something another slug as staff do, and be a guest again."""

    def rename(path, slug):
        api.force_authenticate(make_staff())
        assert api.patch(f"{URL}{path}", {"slug": slug}).status_code == 200
        api.force_authenticate(None)

    return rename


def location(response):
    assert response.status_code == 301
    return response["Location"].removeprefix("http://testserver/api/v1/")


def test_a_former_slug_leads_to_the_present_one_with_the_query(api, rename):
    make_product(slug="mug")
    rename("products/mug/", "blue-mug")
    assert location(api.get(f"{URL}products/mug/?lang=en")) == "products/blue-mug/?lang=en"
    assert api.get(f"{URL}products/mug/", follow=True).json()["slug"] == "blue-mug"


@pytest.mark.parametrize("part", ["images/", "variants/", "reviews/"])
def test_what_belongs_to_a_product_is_found_under_its_former_slug(api, rename, part):
    make_product(slug="mug")
    rename("products/mug/", "cup")
    assert location(api.get(f"{URL}products/mug/{part}")) == f"products/cup/{part}"


def test_groups_are_found_under_their_former_slugs(api, rename):
    make_category(slug="cups")
    Collection.objects.create(title="Summer", slug="summer")
    Tag.objects.create(name="gift", slug="gift")
    rename("categories/cups/", "mugs")
    rename("collections/summer/", "winter")
    rename("tags/gift/", "gifts")
    assert location(api.get(f"{URL}categories/cups/")) == "categories/mugs/"
    assert location(api.get(f"{URL}categories/cups/products/")) == "categories/mugs/products/"
    assert location(api.get(f"{URL}collections/summer/")) == "collections/winter/"
    assert location(api.get(f"{URL}tags/gift/")) == "tags/gifts/"


def test_filters_know_former_slugs(api, rename):
    category = make_category(slug="cups")
    product = make_product(category=category)
    rename("categories/cups/", "mugs")
    found = api.get(f"{URL}products/", {"category": "cups"}).json()["results"]
    assert [row["id"] for row in found] == [product.pk]
    assert api.get(f"{URL}products/", {"category": "plates"}).status_code == 400


def test_every_former_slug_leads_to_the_present_one_at_once(api, rename):
    make_product(slug="one")
    rename("products/one/", "two")
    rename("products/two/", "three")
    assert location(api.get(f"{URL}products/one/")) == "products/three/"
    assert location(api.get(f"{URL}products/two/")) == "products/three/"


def test_a_name_that_is_given_back_leads_nowhere_else(api, rename):
    make_product(slug="one")
    rename("products/one/", "two")
    rename("products/two/", "one")
    assert api.get(f"{URL}products/one/").status_code == 200
    assert location(api.get(f"{URL}products/two/")) == "products/one/"
    assert api.get(f"{URL}products/one/images/999/").status_code == 404


def test_a_live_slug_comes_before_a_former_one(api, rename):
    first = make_product(slug="mug")
    rename("products/mug/", "cup")
    second = make_product(slug="mug")
    assert api.get(f"{URL}products/mug/").json()["id"] == second.pk
    assert api.get(f"{URL}products/cup/").json()["id"] == first.pk


def test_writes_are_not_sent_on(api, rename):
    make_product(slug="mug")
    rename("products/mug/", "cup")
    api.force_authenticate(make_staff())
    assert api.patch(f"{URL}products/mug/", {"name": "Cup"}).status_code == 404
    assert api.delete(f"{URL}products/mug/").status_code == 404


def test_what_nobody_may_see_is_not_found_under_its_former_slug_either(api, rename):
    product = make_product(slug="mug")
    category = make_category(slug="cups")
    rename("products/mug/", "secret-mug")
    rename("categories/cups/", "secret-cups")
    product.is_active = category.is_active = False
    product.save(), category.save()
    assert api.get(f"{URL}products/mug/").status_code == 404
    assert api.get(f"{URL}categories/cups/").status_code == 404


def test_the_former_slug_of_a_deleted_product_is_not_found(api, rename):
    product = make_product(slug="mug")
    rename("products/mug/", "cup")
    delete_product(product_id=product.pk)
    assert api.get(f"{URL}products/mug/").status_code == 404


def test_a_refused_slug_is_not_remembered(api):
    make_product(slug="mug"), make_product(slug="cup")
    api.force_authenticate(make_staff())
    assert api.patch(f"{URL}products/mug/", {"slug": "cup"}).status_code == 400
    assert not OldSlug.objects.exists()


def test_what_is_found_costs_no_question_after_former_slugs(api, rename, django_assert_num_queries):
    make_category(slug="cups")
    rename("categories/cups/", "mugs")
    with django_assert_num_queries(5):
        assert api.get(f"{URL}categories/mugs/").status_code == 200
    with django_assert_num_queries(2):
        assert api.get(f"{URL}categories/plates/").status_code == 404
