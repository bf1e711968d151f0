from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Sum
from PIL import Image

from accounts.models import Address, User
from analytics.seeding.catalogue import invent
from analytics.seeding.money import believable
from carts.models import Coupon, ShippingMethod, ShippingZone, TaxRate
from carts.services.quotes import Destination, load_taxes
from catalog.models import Category, Product, ProductImage, Stock, StockMovement, Variant
from notifications.models import Message
from orders.models import Order, OrderLine

pytestmark = pytest.mark.django_db

TABLES = (
    Category,
    Product,
    Variant,
    Stock,
    StockMovement,
    ProductImage,
    User,
    Address,
    Order,
    OrderLine,
    ShippingZone,
    ShippingMethod,
    TaxRate,
    Coupon,
)


def call(name, *args, **options):
    out = StringIO()
    call_command(name, *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def seed(**options):
    return call("seed_db", **{"products": 40, "orders": 30} | options)


def rows():
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


def goods():
    variants = Variant.objects.order_by("sku").values_list(
        "sku", "product__name", "price", "compare_at_price", "stock__on_hand"
    )
    return list(variants)


def test_seeding_makes_exactly_the_products_and_orders_that_were_asked_for():
    seed()
    assert Product.objects.count() == 40
    assert Order.objects.count() == 30
    assert User.objects.count() == 50
    assert Category.objects.exclude(parent=None).count() >= 12
    assert "promises are kept" in call("check_test_data")


def test_the_same_seed_gives_the_same_goods_and_another_one_others():
    assert [invent(n, seed=1) for n in range(1, 99)] == [invent(n, seed=1) for n in range(1, 99)]
    assert invent(1, seed=1) != invent(1, seed=2)
    seed(seed=7)
    first = goods()
    for model in (OrderLine, Order, ProductImage, Variant, Product):
        model.objects.all().delete()
    seed(seed=7, products=50)
    assert set(first) < set(goods())


def test_names_and_skus_stay_unique_past_the_last_combination_of_words():
    invented = [invent(number, seed=1) for number in range(1, 3001)]
    assert len({product.name for product in invented}) == 3000
    skus = [variant.sku for product in invented for variant in product.variants]
    assert len(set(skus)) == len(skus)


def test_a_second_run_changes_nothing_and_says_so():
    seed()
    before = rows()
    assert "nothing was changed" in seed()
    assert rows() == before


def test_what_the_shop_has_set_up_itself_stays():
    TaxRate.objects.create(country="DE", rate=19)
    Coupon.objects.create(code="OWN", discount_type="fixed", value=5)
    seed(products=1, orders=0)
    assert list(TaxRate.objects.values_list("country", flat=True)) == ["DE"]
    assert list(Coupon.objects.values_list("code", flat=True)) == ["OWN"]


def test_columns_of_products_follow_their_variants_stock_and_pictures():
    seed()
    for product in Product.objects.prefetch_related("variants__stock"):
        variants = list(product.variants.all())
        cheapest = min(variants, key=lambda variant: variant.price)
        assert product.base_price == cheapest.price
        assert product.price == cheapest.price * (100 - (product.flash_percentage or 0)) / 100
        assert product.in_stock == any(variant.stock.on_hand for variant in variants)
        assert product.thumbnail == product.primary_image.thumbnail.name


def test_stock_is_the_sum_of_its_ledger_and_past_orders_took_nothing_from_it():
    seed()
    moved = dict(StockMovement.objects.values_list("variant").annotate(Sum("on_hand_change")))
    for stock in Stock.objects.all():
        assert (stock.on_hand, stock.reserved) == (moved.get(stock.pk, 0), 0)
    assert set(StockMovement.objects.values_list("kind", flat=True)) == {"IN"}


def test_each_product_has_a_picture_file_of_its_own_that_can_be_opened():
    seed(products=20, orders=0)
    files = list(ProductImage.objects.values_list("file", "thumbnail"))
    assert len(set(files)) == 20
    for name, thumbnail in files:
        with default_storage.open(name) as picture, default_storage.open(thumbnail) as small:
            assert Image.open(picture).size == (480, 480)
            assert Image.open(small).size == (240, 240)


def test_past_orders_are_paid_delivered_and_add_up():
    seed()
    for order in Order.objects.prefetch_related("lines"):
        assert (order.status, order.payment_status) == ("delivered", "paid")
        assert order.created_at < order.shipped_at <= order.delivered_at
        lines = list(order.lines.all())
        assert order.subtotal == sum(line.line_total for line in lines)
        tax = sum(Decimal(part["amount"]) for part in order.tax_lines)
        assert order.tax_amount == tax >= sum(line.tax_amount for line in lines)
        assert order.total_amount == order.subtotal + order.shipping_cost + order.tax_amount
        assert order.amount_paid == order.total_amount
    assert Product.objects.filter(best_seller=True, sold_count__gt=0).exists()
    assert not Message.objects.exists()


def test_nobody_can_log_in_as_a_customer():
    seed()
    customers = User.objects.filter(external_source="seed")
    assert not any(customer.has_usable_password() for customer in customers)
    assert all(customer.email_key.endswith("@example.com") for customer in customers)


def test_gst_is_split_in_the_stores_own_state_and_whole_outside(settings):
    settings.STORE_COUNTRY, settings.STORE_STATE = "IN", "KA"
    seed(products=1, orders=0)
    inside, outside = load_taxes(Destination("IN", "KA")), load_taxes(Destination("IN", "MH"))
    assert [(part.name, part.rate) for part in inside["standard"]] == [("CGST", 9), ("SGST", 9)]
    assert [(part.name, part.rate) for part in outside["shipping"]] == [("IGST", 18)]
    assert [(part.name, part.rate) for part in outside["reduced"]] == [("IGST", 5)]
    assert "standard" in load_taxes(Destination("US", "CA"))
    assert load_taxes(Destination("US", "OR")) == {}


@pytest.mark.parametrize(
    ("currency", "rupees", "price"),
    [("INR", 1503, "1499"), ("USD", 1503, "19.99"), ("JPY", 1503, "2780"), ("INR", 99, "99")],
)
def test_prices_look_like_prices_in_the_currency_of_the_shop(settings, currency, rupees, price):
    settings.STORE_CURRENCY = currency
    assert believable(rupees) == Decimal(price)


def test_an_administrator_gets_a_password_at_random_that_is_shown_once():
    said = seed(products=1, orders=0, admin_email="Boss@Example.com")
    admin = User.objects.get(email_key="boss@example.com")
    assert admin.is_superuser
    assert admin.check_password(said.split("shown once: ")[1].strip())
    again = seed(products=1, orders=0, admin_email="boss@example.com")
    assert "left as it is" in again
    assert "shown once" not in again


def test_an_administrator_gets_the_password_that_was_given_and_it_is_not_shown():
    said = seed(products=1, orders=0, admin_email="b@example.com", admin_password="Kv7-long-enough")
    assert User.objects.get(email_key="b@example.com").check_password("Kv7-long-enough")
    assert "Kv7" not in said


@pytest.mark.parametrize(
    "options",
    [
        {"admin_email": "nobody"},
        {"admin_password": "Kv7-long-enough"},
        {"admin_email": "b@example.com", "admin_password": "12345"},
        {"products": -1},
    ],
)
def test_options_that_cannot_be_met_are_refused_before_anything_is_written(options):
    with pytest.raises(CommandError):
        seed(**options)
    assert not any(rows())


def test_each_run_of_create_test_data_adds_new_products():
    call("create_test_data", products=3)
    assert "3 products added, 4 to 6." in call("create_test_data", products=3)
    assert Product.objects.filter(external_source="test-data").count() == 6
    seed()
    assert Product.objects.count() == 46
    assert "promises are kept" in call("check_test_data")


def test_create_test_data_adds_ten_unless_told_otherwise():
    call("create_test_data")
    assert Product.objects.count() == 10


@pytest.mark.parametrize(
    ("damage", "promise"),
    [
        (lambda: Stock.objects.filter(on_hand__gt=0).update(on_hand=9999), "sum of its ledger"),
        (lambda: Product.objects.update(in_stock=False), "says what the stock says"),
        (lambda: Product.objects.update(price=0), "price is above 0"),
        (lambda: Product.objects.update(base_price=99999), "of its cheapest variant"),
        (lambda: Variant.objects.update(is_active=False), "has a variant"),
        (lambda: OrderLine.objects.update(line_total=1), "that of its lines"),
        (lambda: ProductImage.objects.update(file="products/gone.png"), "has its file"),
        (lambda: Coupon.objects.update(is_active=False), "WELCOME10 can be used"),
        (lambda: ShippingMethod.objects.all().delete(), "zone has a method"),
        (lambda: TaxRate.objects.all().delete(), "there are tax rates"),
        (lambda: Category.objects.update(is_active=False), "at least 10 categories"),
    ],
)
def test_a_broken_promise_is_found_and_named(damage, promise):
    seed()
    damage()
    out = StringIO()
    with pytest.raises(SystemExit) as ending:
        call_command("check_test_data", stdout=out, stderr=out)
    assert ending.value.code == 1
    failed = [line for line in out.getvalue().splitlines() if line.startswith("FAIL")]
    assert any(promise in line for line in failed)
    assert len(failed) <= 2  # a product without active variants is not in stock either


def test_an_empty_shop_keeps_none_of_the_promises_about_goods():
    with pytest.raises(SystemExit):
        call("check_test_data")
