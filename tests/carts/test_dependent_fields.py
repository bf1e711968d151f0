"""A change of one field is judged with the others that it depends on, by the API and the admin."""

from datetime import UTC, datetime

import pytest
from django.contrib.admin import site
from django.forms.models import model_to_dict

from carts.models import Coupon, ShippingMethod, ShippingZone, TaxRate
from tests.accounts.factories import make_staff

from .factories import make_coupon, make_method, make_tax_rate

pytestmark = pytest.mark.django_db

ADDRESSES = {
    Coupon: "coupons",
    TaxRate: "tax-rates",
    ShippingZone: "shipping-zones",
    ShippingMethod: "shipping-methods",
}
PARTS = [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}]
EARLY, LATE = "2029-01-01T00:00:00Z", "2030-01-01T00:00:00Z"


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def sets(**fields):
    return make_coupon(
        discount_type="buy_x_get_y", value="50", buy_quantity=2, get_quantity=1, **fields
    )


def method_with_days():
    return make_method(min_days=2, max_days=7, bands=[{"up_to": "500", "price": "49"}])


CASES = [
    (make_coupon, {"value": "100.5"}, "value"),
    (
        lambda: make_coupon(discount_type="fixed", value="500"),
        {"discount_type": "percentage"},
        "value",
    ),
    (lambda: make_coupon(value="12.345"), {"discount_type": "fixed"}, "value"),
    (
        lambda: make_coupon(discount_type="free_shipping", value=0),
        {"discount_type": "fixed"},
        "value",
    ),
    (
        lambda: make_coupon(discount_type="fixed", value="101"),
        {"discount_type": "buy_x_get_y"},
        "value",
    ),
    (make_coupon, {"discount_type": "buy_x_get_y"}, "buy_quantity"),
    (sets, {"get_quantity": None}, "get_quantity"),
    (sets, {"value": "101"}, "value"),
    (lambda: make_coupon(valid_from=moment(LATE)), {"valid_to": EARLY}, "valid_to"),
    (lambda: make_coupon(valid_to=moment(EARLY)), {"valid_from": LATE}, "valid_to"),
    (lambda: make_coupon(valid_to=moment(EARLY)), {"valid_from": EARLY}, "valid_to"),
    (lambda: make_coupon(usage_limit=5, used_count=3), {"usage_limit": 2}, "usage_limit"),
    (make_coupon, {"max_discount": "0"}, "max_discount"),
    (lambda: make_tax_rate(parts=PARTS), {"rate": "20"}, "parts"),
    (lambda: make_tax_rate(parts=PARTS), {"parts": PARTS[:1]}, "parts"),
    (lambda: make_tax_rate(state="KA"), {"state": "Nowhere"}, "state"),
    (lambda: make_tax_rate(state="KA"), {"country": "US"}, "state"),
    (lambda: make_method().zone, {"countries": []}, "countries"),
    (
        lambda: make_method(postal_codes=["11*"], countries=[]).zone,
        {"postal_codes": []},
        "countries",
    ),
    (lambda: make_method().zone, {"postal_codes": ["560100-560001"]}, "postal_codes"),
    (method_with_days, {"min_days": 8}, "max_days"),
    (method_with_days, {"max_days": 1}, "max_days"),
    (
        method_with_days,
        {"bands": [{"up_to": "500", "price": "49"}, {"up_to": "400", "price": "9"}]},
        "bands",
    ),
]
NUMBERS = ["NaN", "Infinity", "-1", "1e400", "100000000000000"]
OF_NUMBERS = [
    (make_coupon, "value"),
    (make_coupon, "min_purchase"),
    (make_coupon, "max_discount"),
    (make_tax_rate, "rate"),
    (method_with_days, "price"),
    (method_with_days, "free_from"),
    (method_with_days, "cash_on_delivery_max"),
]


@pytest.fixture
def staff(api, rf):
    """Staff at the API, and a request of theirs for the admin."""
    user = make_staff(is_superuser=True)
    api.force_authenticate(user)
    api.request_of_staff = rf.get("/")
    api.request_of_staff.user = user
    return api


def patched(api, row, change):
    return api.patch(f"/api/v1/{ADDRESSES[type(row)]}/{row.pk}/", change)


def form_of(request, row):
    if isinstance(row, ShippingMethod):  # on the page of its zone
        (inline,) = site._registry[ShippingZone].get_inline_instances(request, row.zone)
        return inline.get_formset(request, row.zone).form
    return site._registry[type(row)].get_form(request, row, change=True)


def admin_errors(request, row, change):
    """What the admin's form says of a row of which one field was changed."""
    form_class = form_of(request, row)
    shown, data = form_class(instance=row), {}
    for name, field in shown.fields.items():
        value = field.prepare_value(change[name]) if name in change else shown[name].value()
        value = moment(value) if name.startswith("valid_") and isinstance(value, str) else value
        if isinstance(value, datetime):
            data |= {f"{name}_0": f"{value:%Y-%m-%d}", f"{name}_1": f"{value:%H:%M:%S}"}
        elif value not in (None, False):
            data[name] = value
    return form_class(data, instance=row).errors


@pytest.mark.parametrize(("make", "change", "field"), CASES)
def test_a_change_of_one_field_is_judged_with_the_others(staff, make, change, field):
    row = make()
    row.refresh_from_db()
    before = model_to_dict(row)
    answer = patched(staff, row, change)
    assert answer.status_code == 400
    assert field in answer.json()["details"]
    row.refresh_from_db()
    assert model_to_dict(row) == before
    assert field in admin_errors(staff.request_of_staff, row, change)


@pytest.mark.parametrize("make", dict.fromkeys(make for make, *_ in CASES))
def test_the_admin_takes_every_row_as_it_stands(staff, make):
    assert admin_errors(staff.request_of_staff, make(), {}) == {}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("make", "field"), OF_NUMBERS)
def test_what_is_no_number_or_too_large_is_refused(staff, make, field, number):
    row = make()
    row.refresh_from_db()
    answer = patched(staff, row, {field: number})
    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
    assert field in admin_errors(staff.request_of_staff, row, {field: number})


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["up_to", "price"])
def test_a_band_of_no_number_or_a_huge_one_is_refused(staff, name, number):
    row, bands = method_with_days(), [{"up_to": "9", "price": "9"} | {name: number}]
    assert patched(staff, row, {"bands": bands}).status_code == 400
    assert "bands" in admin_errors(staff.request_of_staff, row, {"bands": bands})


def test_what_a_kind_has_no_use_for_is_not_kept(staff):
    coupon = sets(max_discount="30")
    assert patched(staff, coupon, {"discount_type": "free_shipping"}).status_code == 200
    coupon.refresh_from_db()
    kept = (coupon.value, coupon.max_discount, coupon.buy_quantity, coupon.get_quantity)
    assert kept == (0, None, None, None)
