"""What no honest client sends is refused like any other mistake."""

import pytest

from tests.accounts.factories import make_staff

from .factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"
LEDGER = "/api/v1/inventory/transactions/"
ENDLESS = "9" * 5000  # more digits than Python reads
BEYOND = "9" * 25  # more than an id column holds


@pytest.fixture
def staff(api):
    user = make_staff()
    api.force_authenticate(user)
    return user


@pytest.mark.parametrize("name", ["category", "collection", "tag", "seller"])
@pytest.mark.parametrize("value", [ENDLESS, BEYOND, "café"])
def test_a_number_that_can_be_no_id_names_nothing(api, name, value):
    make_category(slug="cafe")
    assert api.get(URL, {name: value}).status_code == 400


@pytest.mark.parametrize("path", ["products", "categories", "collections", "tags"])
@pytest.mark.parametrize("value", [ENDLESS, BEYOND])
def test_an_address_with_such_a_number_is_404(api, path, value):
    assert api.get(f"/api/v1/{path}/{value}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("variant", ENDLESS),
        ("created_after", "0001-01-01"),
        ("created_before", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_filter_of_the_ledger_that_no_row_could_meet_is_400(api, staff, name, value):
    response = api.get(LEDGER, {name: value})
    assert response.status_code == 400
    assert list(response.json()["details"]) == [name]


def test_lists_of_ids_that_no_column_holds_are_400(api, staff):
    product = make_variant().product
    response = api.patch(f"{URL}{product.pk}/", {"collections": [BEYOND]})
    assert (response.status_code, list(response.json()["details"])) == (400, ["collections"])
    response = api.post("/api/v1/collections/", {"title": "A", "products": [BEYOND]})
    assert (response.status_code, list(response.json()["details"])) == (400, ["products"])


def test_the_shelf_holds_no_more_than_its_column(api, staff):
    variant = make_variant(on_hand=2**31 - 2)
    body = {"variant": variant.pk, "transaction_type": "IN"}
    response = api.post(LEDGER, body | {"quantity": 2})
    assert (response.status_code, list(response.json()["details"])) == (400, ["quantity"])
    assert api.post(LEDGER, body | {"quantity": 1}).status_code == 201


@pytest.mark.parametrize("name", ["starts_at", "ends_at"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_flash_sale_is_in_this_millennium(api, staff, name, moment):
    product = make_variant(price="100.00").product
    sale = {"price": "50.00", "ends_at": "2099-01-01T00:00:00Z", name: moment}
    response = api.patch(f"{URL}{product.pk}/", {"flash_sale": sale})
    assert (response.status_code, list(response.json()["details"])) == (400, ["flash_sale"])


def test_slugs_have_one_spelling_on_every_database(api, staff):
    body = {"name": "Mug", "category": make_category().pk, "price": "1.00", "slug": "Blue-MUG"}
    assert api.post(URL, body).json()["slug"] == "blue-mug"
    assert api.post(URL, body | {"slug": "bLUE-mug"}).status_code == 400
    assert api.get(f"{URL}BLUE-mug/").json()["slug"] == "blue-mug"


def test_a_tax_class_is_kept_as_tax_rates_keep_theirs(api, staff):
    product = make_variant().product
    shown = api.patch(f"{URL}{product.pk}/", {"tax_class": "Reduced"}).json()
    assert shown["tax_class"] == "reduced"


def test_options_answers_staff_without_looking_for_an_object(api, staff):
    product = make_product()
    for path in ("products/", f"products/{product.pk}/", f"categories/{product.category_id}/"):
        assert api.options(f"/api/v1/{path}").status_code == 200


def test_format_is_a_parameter_like_others(api):
    assert api.get(URL, {"format": "csv"}).status_code == 200
