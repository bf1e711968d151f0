"""Everything about a person, as one file."""

import json

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField

from accounts.models import RefreshToken, Seller, User
from accounts.services import exporting
from carts.models import Cart
from carts.services.wishlist import add_wish
from catalog.services.likes import like_product
from catalog.services.stock_requests import request_notice
from orders.services.editing import edit_order
from orders.services.returning import Wish, request_return
from payments.models import GatewayCustomer, Payment, SavedMethod
from tests.catalog.factories import make_review, make_variant
from tests.orders.factories import make_cart, make_delivered_order, make_placed_order, store_actor

from .codes import enable_two_factor
from .factories import PASSWORD, make_address, make_user, sign_in

pytestmark = pytest.mark.django_db

URL = "/api/v1/users/me/export/"

# Where the rows of each model that names a user are, or why they are nowhere.
WHERE = {
    "accounts.Address": "addresses",
    "accounts.RefreshToken": "sessions",
    "accounts.Seller": "shop",
    "accounts.SocialAccount": "sign_in_accounts",
    "accounts.User": "profile",
    "carts.Cart": "cart",
    "carts.CouponUse": "coupon_uses",
    "carts.WishlistItem": "wishlist",
    "catalog.HelpfulVote": "helpful_votes",
    "catalog.Like": "likes",
    "catalog.Review": "reviews",
    "catalog.StockRequest": "stock_requests",
    "notifications.Message": "messages",
    "notifications.Notification": "notifications",
    "notifications.Preference": "notification_preferences",
    "orders.CancellationDocument": "imported_cancellations",
    "orders.Order": "orders",
    "orders.OrderHistory": "orders",
    "orders.ReturnRequest": "orders",
    "payments.GatewayCustomer": "gateway_accounts",
    "payments.Refund": "refunds",
    "payments.SavedMethod": "saved_cards",
}
LEFT_OUT = {
    "accounts.AuditEntry": "what staff did at work",
    "accounts.Authenticator": "a secret; the profile says whether there is one",
    "accounts.LoginChallenge": "a secret of five minutes",
    "accounts.OneTimeCode": "a secret of ten minutes, to an address that the profile has",
    "accounts.RecoveryCode": "secrets",
    "accounts.ResetGrant": "a secret of ten minutes",
    "admin.LogEntry": "what staff did at work, about other people",
    "catalog.StockAlert": "what staff did at work",
    "catalog.StockMovement": "what staff did at work",
    "orders.CustomerFigures": "sums of the orders, which are all there",
}


def is_personal(model):
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    relations = [f for f in fields if isinstance(f, ForeignKey | ManyToManyField)]
    return any(field.related_model is User for field in relations)


def test_every_model_that_names_a_user_is_exported_or_left_out_for_a_reason():
    through = {f.remote_field.through for f in User._meta.local_many_to_many}
    named = {m._meta.label for m in apps.get_models() if is_personal(m) and not m._meta.proxy}
    named -= {model._meta.label for model in through}
    assert named | {"accounts.User"} == WHERE.keys() | LEFT_OUT.keys()
    assert not WHERE.keys() & LEFT_OUT.keys()
    assert set(exporting._parts) >= set(WHERE.values())


def export(api):
    answer = api.get(URL)
    assert answer.status_code == 200
    return json.loads(answer.getvalue())


@pytest.fixture
def asha(api):
    user = make_user(email="asha@example.com", first_name="Asha", email_verified=True)
    sign_in(api, user)
    return user


def test_the_answer_is_a_file_that_nobody_caches(api, asha):
    answer = api.get(URL)
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert answer["Cache-Control"] == "no-store"
    assert json.loads(answer.getvalue())["profile"]["email"] == "asha@example.com"


def test_who_has_done_nothing_gets_empty_parts(api, asha):
    data = export(api)
    assert data.keys() == exporting._parts.keys() | {"exported_at"}
    assert [name for name, rows in data.items() if rows == []] == [
        name for name in exporting._parts if name not in ("profile", "sessions")
    ]


def test_each_part_holds_what_the_person_left(api, asha):
    variant = make_variant(price="100.00")
    make_address(asha, city="Mysuru")
    Seller.objects.create(user=asha, slug="mugs", name="Asha Mugs")
    add_wish(user=asha, product_id=variant.product_id)
    like_product(product_id=variant.product_id, user=asha)
    make_review(product=variant.product, user=asha, comment="Holds tea.")
    wish = {"product_id": make_variant(on_hand=0).product_id, "variant_id": None}
    request_notice(**wish, email=asha.email, user=asha)
    order = make_delivered_order(user=asha, variants=[variant], notes="Ring")
    wishes = [Wish(order.lines.get().pk, 1, "Too small")]
    request_return(order_id=order.pk, actor=store_actor(), wishes=wishes)
    make_cart(variant, user=asha, quantity=2)
    data = export(api)
    assert data["profile"]["first_name"] == "Asha"
    assert [row["city"] for row in data["addresses"]] == ["Mysuru"]
    assert [row["name"] for row in data["shop"]] == ["Asha Mugs"]
    assert [row["product_name"] for row in data["wishlist"]] == [variant.product.name]
    assert [row["product_name"] for row in data["likes"]] == [variant.product.name]
    assert [row["comment"] for row in data["reviews"]] == ["Holds tea."]
    assert [row["email"] for row in data["stock_requests"]] == ["asha@example.com"]
    assert [(row["sku"], row["quantity"], row["seen_price"]) for row in data["cart"]] == [
        (variant.sku, 2, "100.00")
    ]
    assert [row["kind"] for row in data["messages"]] == [
        "order_placed",
        "order_confirmed",
        "order_processing",
        "order_shipped",
        "order_delivered",
    ]
    (exported,) = data["orders"]
    assert (exported["number"], exported["total_amount"]) == (order.number, "150.00")
    assert (exported["notes"], exported["invoice_number"]) == ("Ring", order.invoice.number)
    assert [(item["sku"], item["line_total"]) for item in exported["items"]] == [
        (variant.sku, "100.00")
    ]
    assert [len(shipment["items"]) for shipment in exported["shipments"]] == [1]
    assert exported["returns"][0]["items"][0]["reason"] == "Too small"
    assert [row["to_status"] for row in exported["history"]] == [
        "pending",
        "confirmed",
        "processing",
        "shipped",
        "delivered",
        "delivered",
    ]


def test_payments_and_cards_are_told_without_what_opens_them(api, asha):
    order = make_placed_order(user=asha)
    payment = {"gateway": "razorpay", "amount": "150", "currency": "INR", "method": "card"}
    Payment.objects.create(order=order, receipt="r", idempotency_key="secret-key", **payment)
    card = {"gateway": "stripe", "brand": "visa", "last4": "4242", "exp_month": 8}
    SavedMethod.objects.create(
        user=asha, customer_id="cus_1", token="pm_secret", exp_year=2030, **card
    )
    GatewayCustomer.objects.create(user=asha, gateway="stripe", customer_id="cus_1")
    data = export(api)
    assert payment | {"amount": "150.00"} == {name: data["payments"][0][name] for name in payment}
    assert data["payments"][0]["order_number"] == order.number
    assert card == {name: data["saved_cards"][0][name] for name in card}
    assert data["gateway_accounts"] == [{"gateway": "stripe", "customer_id": "cus_1"}]
    assert "secret" not in json.dumps(data)


def test_no_secret_and_no_note_of_staff_is_exported(api, asha):
    codes = enable_two_factor(asha)
    order = make_placed_order(user=asha)
    edit_order(order_id=order.pk, actor=store_actor(), staff_note="A difficult person")
    asha.refresh_from_db()
    text = json.dumps(export(api))
    tokens = list(RefreshToken.objects.values_list("jti", flat=True))
    for secret in (PASSWORD, asha.password, asha.authenticator.key, *codes, *tokens):
        assert secret not in text
    assert "difficult" not in text


def test_orders_made_as_a_guest_count_where_the_address_is_surely_theirs(api, asha):
    mine = make_placed_order(email="ASHA@example.com")
    make_placed_order(email="ashá@example.com")
    assert [order["number"] for order in export(api)["orders"]] == [mine.number]
    User.objects.filter(pk=asha.pk).update(email_verified=False)
    assert export(api)["orders"] == []


def test_what_was_asked_and_told_as_a_guest_counts_where_the_address_is_surely_theirs(api, asha):
    gone = make_variant(on_hand=0)
    wish = {"product_id": gone.product_id, "variant_id": None, "user": None}
    for email in ("ASHA@example.com", "ashá@example.com"):
        request_notice(**wish, email=email)
        make_placed_order(email=email)
    data = export(api)
    assert [row["email"] for row in data["stock_requests"]] == ["ASHA@example.com"]
    assert [row["recipient"] for row in data["messages"]] == ["ASHA@example.com"]
    User.objects.filter(pk=asha.pk).update(email_verified=False)
    data = export(api)
    assert (data["stock_requests"], data["messages"]) == ([], [])


def test_nothing_of_anybody_else_is_exported(api, asha):
    other = make_user(email="other@example.com")
    make_address(other)
    make_delivered_order(user=other)
    make_cart(make_variant(), user=other)
    assert "other@example.com" not in json.dumps(data := export(api))
    assert (data["orders"], data["addresses"], data["cart"]) == ([], [], [])
    assert Cart.objects.get().user == other


def test_an_export_takes_the_same_queries_for_one_order_as_for_many(
    api, asha, django_assert_num_queries
):
    def grow():
        make_address(asha)
        order = make_delivered_order(user=asha)
        wishes = [Wish(order.lines.get().pk, 1, "Too small")]
        request_return(order_id=order.pk, actor=store_actor(), wishes=wishes)

    grow()
    export(api)  # makes the counter of its limit
    with django_assert_num_queries(38):
        export(api)
    for _ in range(3):
        grow()
    with django_assert_num_queries(38):
        assert len(export(api)["orders"]) == 4


def test_more_rows_than_are_read_at_a_time_are_all_there(api, asha, monkeypatch):
    monkeypatch.setattr("orders.services.exporting.CHUNK", 2)
    numbers = [make_placed_order(user=asha).number for _ in range(5)]
    assert [order["number"] for order in export(api)["orders"]] == numbers


def test_an_export_is_asked_for_ten_times_a_day(api, asha):
    assert [api.get(URL).status_code for _ in range(11)] == [200] * 10 + [429]
