from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog.models import Product, Stock, StockAlert, Variant
from catalog.services.alerts import acknowledge_alert, follow_stock
from catalog.services.bulk_products import create_products
from catalog.services.ledger import stock_faults
from catalog.services.opening_stock import open_stock
from catalog.services.products import create_product, delete_product, update_product
from catalog.services.stock import record_movement, release_stock, reserve_stock
from catalog.services.variants import create_variant, update_variant
from catalog.signals import stock_low
from config.errors import NotFound
from tests.accounts.factories import make_staff, make_user

from .factories import make_category, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/inventory/alerts/"


@pytest.fixture
def told():
    """The variants that were told to be low, in order."""
    variants = []

    def hear(variant_ids, **kwargs):
        variants.extend(variant_ids)

    stock_low.connect(hear)
    yield variants
    stock_low.disconnect(hear)


def move(variant, quantity):
    kind = "IN" if quantity > 0 else "OUT"
    record_movement(variant_id=variant.pk, kind=kind, quantity=abs(quantity), recorded_by=None)


def is_open(variant):
    alerts = StockAlert.objects.filter(variant=variant)
    assert alerts.filter(open_for=variant).count() == alerts.filter(closed_at=None).count()
    return alerts.filter(open_for=variant).exists()


def new_product(**fields):
    fields = {"name": "Mug", "category": make_category().pk, "price": 10} | fields
    return create_product(actor=None, fields=fields)


def only_variant(product):
    return Variant.objects.get(product=product)


def test_an_alert_opens_at_the_threshold_once_and_closes_above_it(told):
    variant = make_variant(on_hand=8, watched=True)
    move(variant, -2)
    assert not is_open(variant)
    move(variant, -1)
    alert = StockAlert.objects.get()
    assert (alert.variant, alert.open_for, alert.stock_when_opened) == (variant, variant, 5)
    move(variant, -1)
    move(variant, 1)
    assert StockAlert.objects.count() == 1
    move(variant, 1)
    alert.refresh_from_db()
    assert not alert.is_open
    assert alert.closed_at >= alert.created_at
    move(variant, -1)
    assert StockAlert.objects.count() == 2
    assert told == [variant.pk, variant.pk]


def test_what_is_promised_counts_as_gone():
    variant, order_id = make_variant(on_hand=10, watched=True), uuid4()
    reserve_stock(demand={variant.pk: 5}, order_id=order_id)
    assert is_open(variant)
    release_stock(demand={variant.pk: 5}, order_id=order_id)
    assert not is_open(variant)


def test_a_new_product_is_watched_from_its_first_pieces_on(told):
    plenty = only_variant(new_product(stock=6))
    few = only_variant(new_product(stock=5))
    assert StockAlert.objects.get().variant == few
    move(plenty, -1)
    assert is_open(plenty)
    assert told == [few.pk, plenty.pk]


def test_a_bulk_of_new_variants_is_watched(told):
    product = make_variant().product
    variants = [Variant.objects.create(product=product, sku=f"B-{n}", price=1) for n in range(3)]
    off = Variant.objects.create(product=product, sku="OFF", price=1, is_active=False)
    pieces = dict(zip([row.pk for row in variants], (0, 5, 6), strict=True))
    open_stock(on_hand={**pieces, off.pk: 0}, reference="test")
    assert told == [variants[1].pk]
    assert [is_open(row) for row in [*variants, off]] == [False, True, False, False]
    move(variants[2], -1)
    assert is_open(variants[2])


def test_what_never_had_a_piece_opens_no_alert_until_it_had_some(told):
    empty = only_variant(new_product())
    assert not Stock.objects.get().was_stocked
    update_variant(variant_id=empty.pk, fields={"low_stock_threshold": 9})
    update_product(product_id=empty.product_id, actor=None, fields={"is_active": False})
    update_product(product_id=empty.product_id, actor=None, fields={"is_active": True})
    assert (StockAlert.objects.count(), told) == (0, [])
    assert not list(stock_faults(0, empty.pk, {}))
    move(empty, 10)
    assert not StockAlert.objects.exists()
    move(empty, -10)
    assert is_open(empty)
    assert Stock.objects.get().was_stocked
    assert StockAlert.objects.get().stock_when_opened == 0


def test_what_gets_fewer_pieces_than_its_threshold_for_the_first_time_is_low(told):
    empty = only_variant(new_product())
    move(empty, 3)
    assert is_open(empty)
    assert told == [empty.pk]


def test_pieces_on_hand_say_that_there_were_some():
    variant = make_variant(on_hand=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(pk=variant.pk).update(was_stocked=False)
    assert Stock.objects.get().was_stocked


def test_an_import_of_products_without_stock_opens_no_alert(told):
    category = make_category().pk
    many = [
        {
            "name": f"Mug {number}",
            "slug": f"mug-{number}",
            "category": category,
            "variants": [{"sku": f"M-{number}", "price": 10, "stock": number}],
        }
        for number in (0, 2, 9)
    ]
    create_products(actor=None, many=many)
    assert [alert.variant.sku for alert in StockAlert.objects.all()] == ["M-2"]
    assert told == [Variant.objects.get(sku="M-2").pk]


def test_the_threshold_opens_and_closes():
    product = new_product(stock=10)
    variant = only_variant(product)
    update_product(product_id=product.pk, actor=None, fields={"low_stock_threshold": 10})
    assert is_open(variant)
    update_variant(variant_id=variant.pk, fields={"low_stock_threshold": 9})
    assert not is_open(variant)
    update_variant(variant_id=variant.pk, fields={"price": 3})
    assert Stock.objects.get().alert_threshold == 9


def test_only_what_is_sold_is_watched():
    product = new_product(stock=3)
    variant = only_variant(product)
    update_product(product_id=product.pk, actor=None, fields={"is_active": False})
    assert not is_open(variant)
    move(variant, -1)
    assert not is_open(variant)
    update_product(product_id=product.pk, actor=None, fields={"is_active": True})
    assert is_open(variant)
    update_variant(variant_id=variant.pk, fields={"is_active": False})
    assert not is_open(variant)
    added = create_variant(product_id=product.pk, actor=None, fields={"price": 1, "stock": 2})
    assert is_open(added)


def test_archiving_closes_and_deleting_takes_alerts_along():
    variants = [only_variant(new_product(stock=3)) for _ in range(2)]
    assert StockAlert.objects.count() == 2
    delete_product(product_id=variants[0].product_id)
    assert StockAlert.objects.count() == 1
    update_product(
        product_id=variants[1].product_id,
        actor=None,
        fields={"variants": [{"sku": "OTHER", "price": 1, "stock": 50}]},
        replace=True,
    )
    assert not is_open(variants[1])


def test_an_alert_that_is_there_already_keeps_no_sale_from_happening(told):
    variant = make_variant(on_hand=6, watched=True)
    StockAlert.objects.create(variant=variant, open_for=variant, stock_when_opened=1)
    move(variant, -1)
    assert StockAlert.objects.count() == 1
    assert Stock.objects.get().on_hand == 5


def test_a_movement_that_turns_nothing_asks_nothing(django_assert_num_queries):
    variants = [make_variant(on_hand=90, watched=True) for _ in range(5)]
    with transaction.atomic(), django_assert_num_queries(5):
        # A savepoint and its end, the locks, the figures, the ledger.
        reserve_stock(demand={row.pk: 3 for row in variants}, order_id=uuid4())
    with django_assert_num_queries(0):
        follow_stock([])


def test_the_first_who_acknowledges_stays():
    alert = StockAlert.objects.create(variant=make_variant(), stock_when_opened=1)
    first, second = make_staff(), make_staff()
    acknowledge_alert(alert_id=alert.pk, actor=first)
    when = acknowledge_alert(alert_id=alert.pk, actor=second).acknowledged_at
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledged_at) == (first, when)
    with pytest.raises(NotFound):
        acknowledge_alert(alert_id=0, actor=first)


def test_staff_list_and_acknowledge(api, django_assert_num_queries):
    variant, other = (make_variant(on_hand=6, watched=True) for _ in range(2))
    for row in (variant, other):
        move(row, -1)
    move(other, 5)
    staff = make_staff()
    api.force_authenticate(staff)
    with django_assert_num_queries(2):
        rows = api.get(URL).json()["results"]
    assert [row["variant"] for row in rows] == [other.pk, variant.pk]
    alert = rows[1]
    assert alert == {
        "id": StockAlert.objects.get(open_for=variant).pk,
        "product": {
            "id": variant.product_id,
            "slug": variant.product.slug,
            "name": variant.product.name,
            "thumbnail": None,
        },
        "variant": variant.pk,
        "sku": variant.sku,
        "stock": 5,
        "low_stock_threshold": 5,
        "stock_when_opened": 5,
        "is_open": True,
        "created_at": alert["created_at"],
        "closed_at": None,
        "acknowledged_at": None,
        "acknowledged_by": None,
    }
    answer = api.post(f"{URL}{alert['id']}/acknowledge/")
    assert answer.status_code == 200
    assert answer.json()["acknowledged_by"] == str(staff.pk)
    assert api.post(f"{URL}{alert['id']}/acknowledge/").json() == answer.json()
    for unknown in (999999, 10**30):
        assert api.post(f"{URL}{unknown}/acknowledge/").status_code == 404

    def found(**query):
        return [row["variant"] for row in api.get(URL, query).json()["results"]]

    assert found(open="true") == found(acknowledged="true") == [variant.pk]
    assert found(open="false") == found(acknowledged="false") == [other.pk]
    assert found(variant=variant.pk) == [variant.pk]
    first = api.get(URL, {"cursor": "", "page_size": 1}).json()
    assert [row["variant"] for row in first["results"]] == [other.pk]
    assert [row["variant"] for row in api.get(first["next"]).json()["results"]] == [variant.pk]
    for bad in ({"variant": "x"}, {"open": "maybe"}, {"acknowledged": "2"}):
        response = api.get(URL, bad)
        assert (response.status_code, list(response.json()["details"])) == (400, list(bad))


def test_to_see_alerts_is_not_to_acknowledge_them(api):
    alert = StockAlert.objects.create(variant=make_variant(), stock_when_opened=1)
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_stockalert"))
    api.force_authenticate(person)
    assert api.get(URL).status_code == 200
    assert api.post(f"{URL}{alert.pk}/acknowledge/").status_code == 403
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_staff_acknowledge_in_the_admin(client):
    low, over = make_variant(on_hand=6, watched=True), make_variant(on_hand=6, watched=True)
    for row in (low, over):
        move(row, -1)
    move(over, 9)
    address = reverse("admin:catalog_stockalert_changelist")
    client.force_login(make_staff())
    page = client.get(address, {"open_for__isempty": 0})
    assert [alert.variant for alert in page.context["cl"].result_list] == [low]
    (waiting,) = (
        row
        for row in client.get("/admin/").context["waiting"]
        if row["text"] == "alerts of low stock"
    )
    assert waiting["count"] == client.get(waiting["address"]).context["cl"].result_count == 1
    ids = list(StockAlert.objects.values_list("pk", flat=True))
    client.post(address, {"action": "acknowledge", "_selected_action": ids})
    assert StockAlert.objects.filter(acknowledged_at=None).count() == 0
    detail = reverse("admin:catalog_stockalert_change", args=[ids[0]])
    assert client.get(detail).status_code == 200
    assert Product.objects.count() == 2
