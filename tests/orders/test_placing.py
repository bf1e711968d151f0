from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from carts.models import Cart, TaxRate
from catalog.errors import InsufficientStock
from catalog.models import MovementKind, Stock, StockMovement
from config.errors import InvalidInput
from orders import signals
from orders.errors import CartEmpty, PriceChanged
from orders.models import Order, OrderHistory, OrderLine
from orders.services.placing import place_order
from tests.accounts.factories import make_user
from tests.catalog.factories import make_product, make_variant

from .factories import ADDRESS, make_cart, make_placed_order, make_shipping_method

pytestmark = pytest.mark.django_db


@pytest.fixture
def method():
    return make_shipping_method(price="50.00")


def place(cart, method, **fields):
    fields = {
        "user": cart.user,
        "email": "asha@example.com",
        "shipping_address": ADDRESS,
        "shipping_method_id": method.pk,
    } | fields
    return place_order(cart_id=cart.pk, **fields)


def assert_nothing_changed(cart, items=1):
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert not OrderHistory.objects.exists()
    assert not StockMovement.objects.exists()
    assert not Stock.objects.filter(reserved__gt=0).exists()
    assert cart.items.count() == items
    assert Cart.objects.get(pk=cart.pk).version == cart.version


def test_placing_takes_stock_snapshots_lines_and_empties_the_cart(method, heard):
    mug = make_variant(
        price="199.90",
        on_hand=5,
        sku="MUG-1",
        name="Large",
        attributes={"color": "blue"},
        product=make_product(name="Blue mug", hsn_code="6912"),
    )
    user = make_user(email="asha@example.com")
    cart = make_cart(mug, user=user, quantity=2)
    before = timezone.now()
    order = place(cart, method, notes="Ring twice")

    order.refresh_from_db()
    assert (order.user, order.email, order.notes) == (user, "asha@example.com", "Ring twice")
    assert (order.status, order.payment_status) == ("pending", "pending")
    assert (order.currency, order.subtotal) == ("INR", Decimal("399.80"))
    assert (order.shipping_cost, order.total_amount) == (Decimal("50"), Decimal("449.80"))
    assert order.shipping_address == order.billing_address == ADDRESS
    assert (order.ship_country, order.shipping_method_name) == ("IN", "Standard")
    window = timedelta(minutes=30)
    assert before + window <= order.expires_at <= timezone.now() + window

    line = order.lines.get()
    assert (line.sku, line.name, line.variant_name) == ("MUG-1", "Blue mug", "Large")
    assert (line.attributes, line.hsn_code) == ({"color": "blue"}, "6912")
    assert (line.quantity, line.unit_price, line.line_total) == (
        2,
        Decimal("199.90"),
        Decimal("399.80"),
    )
    assert (mug.stock.on_hand, Stock.objects.get(pk=mug.pk).reserved) == (5, 2)
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.order_id) == (MovementKind.RESERVE, order.pk)
    assert not cart.items.exists()
    assert Cart.objects.get(pk=cart.pk).version == cart.version + 1
    row = order.history.get()
    assert (row.from_status, row.to_status, row.actor_kind) == ("", "pending", "customer")
    assert row.actor == user
    assert heard == ["order_placed"]


def test_taxes_are_remembered_by_line_and_in_sum(method):
    TaxRate.objects.create(
        country="IN",
        state="KA",
        rate="18",
        parts=[{"name": "CGST", "rate": "9.00"}, {"name": "SGST", "rate": "9.00"}],
    )
    order = place(make_cart(make_variant(price="99.99")), method)
    parts = [
        {"name": "CGST", "rate": "9.00", "amount": "9.00"},
        {"name": "SGST", "rate": "9.00", "amount": "9.00"},
    ]
    assert order.tax_lines == parts
    assert order.lines.get().tax_parts == parts
    assert (order.tax_amount, order.lines.get().tax_amount) == (Decimal("18"), Decimal("18"))
    assert order.total_amount == Decimal("167.99")


def test_a_rate_with_more_decimals_keeps_them(method):
    TaxRate.objects.create(country="IN", rate="8.8750")
    order = place(make_cart(make_variant(price="100.00")), method)
    assert order.tax_lines == [{"name": "Tax", "rate": "8.875", "amount": "8.88"}]


def test_an_order_keeps_its_prices_and_names_when_the_catalogue_changes(method):
    variant = make_variant(price="100.00")
    order = place(make_cart(variant), method)
    name = variant.product.name
    variant.price = "1.00"
    variant.save()
    variant.product.name = "Something else"
    variant.product.save()
    line = Order.objects.get(pk=order.pk).lines.get()
    assert (line.unit_price, line.name) == (Decimal("100"), name)


def test_prices_are_those_of_now_and_not_of_when_the_line_was_added(method):
    variant = make_variant(price="100.00")
    cart = make_cart(variant)
    variant.price = "80.00"
    variant.save()
    assert place(cart, method).subtotal == Decimal("80")


def test_a_running_flash_sale_sets_the_price(method):
    now = timezone.now()
    product = make_product(
        flash_price="60.00",
        flash_starts_at=now - timedelta(hours=1),
        flash_ends_at=now + timedelta(hours=1),
    )
    assert place(make_cart(make_variant(product=product)), method).subtotal == Decimal("60")


def test_placing_takes_nothing_when_lines_are_short_and_lists_them_all(method):
    plenty, short, none = (make_variant(on_hand=n) for n in (5, 1, 0))
    cart = make_cart(plenty, short, none, quantity=2)
    with pytest.raises(InsufficientStock) as refusal:
        place(cart, method)
    assert refusal.value.details["items"] == [
        {"variant": short.pk, "requested": 2, "available": 1},
        {"variant": none.pk, "requested": 2, "available": 0},
    ]
    assert_nothing_changed(cart, items=3)


def test_what_is_no_longer_sold_is_short_with_none_available(method):
    gone, short, plenty = make_variant(), make_variant(on_hand=1), make_variant()
    cart = make_cart(gone, short, plenty, quantity=2)
    gone.product.is_active = False
    gone.product.save()
    with pytest.raises(InsufficientStock) as refusal:
        place(cart, method)
    assert refusal.value.details["items"] == [
        {"variant": gone.pk, "requested": 2, "available": 0},
        {"variant": short.pk, "requested": 2, "available": 1},
    ]
    assert gone.product.name in refusal.value.message
    assert_nothing_changed(cart, items=3)


def test_an_empty_cart_cannot_be_ordered(method):
    cart = make_cart()
    with pytest.raises(CartEmpty):
        place(cart, method)
    assert_nothing_changed(cart, items=0)


def test_a_cart_that_does_not_exist_is_empty(method):
    with pytest.raises(CartEmpty):
        place(Cart(), method)


def test_the_cart_of_somebody_else_is_no_cart(method):
    cart = make_cart(make_variant(), user=make_user())
    for stranger in (None, make_user()):
        with pytest.raises(CartEmpty):
            place(cart, method, user=stranger)
    assert_nothing_changed(cart)


def test_another_total_than_expected_is_refused_with_the_totals_of_now(method):
    TaxRate.objects.create(country="IN", rate="10")
    variant = make_variant(price="100.00")
    cart = make_cart(variant)
    with pytest.raises(PriceChanged) as refusal:
        place(cart, method, expected_total=Decimal("159.99"))
    assert refusal.value.details == {
        "subtotal": "100.00",
        "discount_amount": "0.00",
        "shipping_cost": "50.00",
        "tax_amount": "10.00",
        "total_amount": "160.00",
        "items": [
            {
                "product": variant.product_id,
                "variant": variant.pk,
                "sku": variant.sku,
                "name": variant.product.name,
                "quantity": 1,
                "unit_price": "100.00",
                "discount_amount": "0.00",
                "tax_amount": "10.00",
                "line_total": "100.00",
            }
        ],
    }
    assert_nothing_changed(cart)
    assert place(cart, method, expected_total=Decimal("160")).total_amount == Decimal("160")


def test_a_method_of_another_zone_is_refused(method):
    elsewhere = make_shipping_method(countries=["US"])
    cart = make_cart(make_variant())
    with pytest.raises(InvalidInput) as refusal:
        place(cart, elsewhere)
    assert list(refusal.value.details) == ["shipping_method"]
    assert_nothing_changed(cart)


def test_a_place_that_no_zone_serves_is_refused(method):
    cart = make_cart(make_variant())
    with pytest.raises(InvalidInput) as refusal:
        place(cart, method, shipping_address=ADDRESS | {"country": "DE", "state": ""})
    assert list(refusal.value.details) == ["shipping_address"]
    assert_nothing_changed(cart)


def test_an_order_that_costs_nothing_is_confirmed_and_paid_at_once(heard):
    method = make_shipping_method(price="0.00")
    order = place(make_cart(make_variant(price="0.00")), method)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert (order.amount_paid, order.expires_at, order.gateway) == (0, None, "")
    assert order.paid_at is not None
    assert [row.to_status for row in order.history.all()] == ["pending", "confirmed"]
    assert heard == ["order_placed", "order_status_changed", "order_confirmed", "order_paid"]


@pytest.mark.django_db(transaction=True)  # the whole transaction is repeated
def test_a_number_that_is_taken_is_drawn_again(method, monkeypatch):
    taken = make_placed_order(method=method)
    signs = iter(taken.number[-6:] + "ABCDEF")
    monkeypatch.setattr("secrets.choice", lambda alphabet: next(signs))
    order = make_placed_order(method=method, email="guest@example.com")
    assert order.number == taken.number[:-6] + "ABCDEF"
    assert order.lines.count() == 1


def test_what_a_receiver_raises_undoes_the_whole_order(method):
    def refuse(**ids):
        raise RuntimeError("no")

    cart = make_cart(make_variant())
    signals.order_placed.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            place(cart, method)
    finally:
        signals.order_placed.disconnect(refuse)
    assert_nothing_changed(cart)
