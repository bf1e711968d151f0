from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Product, StockRequest, Variant
from catalog.services.stock import record_movement
from catalog.services.stock_requests import answer_requests, delete_old_requests
from catalog.tasks import answer_stock_requests, forget_old_stock_requests
from notifications.models import Message, Notification
from notifications.services.rendering import render
from tests.accounts.factories import make_user

from .factories import make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold_out():
    return make_variant(on_hand=0, price="1200.00", attributes={"color": "blue"})


def ask(api, article, **body):
    return api.post(f"/api/v1/products/{article.product.slug}/notify-me/", body)


def receive(variant, quantity=1):
    record_movement(variant_id=variant.pk, kind="IN", quantity=quantity, recorded_by=None)


def test_a_guest_asks_once_and_gets_one_mail_when_it_is_back(api, sold_out):
    for email in ("asha@example.com", "Asha@Example.com"):
        assert ask(api, sold_out, email=email).status_code == 202
    assert StockRequest.objects.count() == 1
    assert answer_requests() == 0
    receive(sold_out)
    assert (answer_requests(), answer_requests()) == (1, 0)
    message = Message.objects.get()
    assert (message.kind, message.recipient, message.user) == (
        "back_in_stock",
        "asha@example.com",
        None,
    )
    assert not StockRequest.objects.exists()


def test_the_mail_names_product_options_and_todays_price(api, sold_out):
    Product.objects.update(name="Blue\nmug")
    api.force_authenticate(make_user(first_name="Asha"))
    assert ask(api, sold_out).status_code == 202
    receive(sold_out)
    answer_requests()
    mail = render(Message.objects.get())
    assert mail.subject == "Blue mug is back in stock"
    assert "Hello Asha," in mail.text
    assert "(color blue)\nINR 1,200.00" in mail.text
    assert f"/products/{sold_out.product.slug}" in mail.text
    assert "INR 1,200.00" in mail.html
    assert "no other mail" in mail.html


def test_who_names_no_variant_waits_for_any_of_them(api, sold_out):
    other = make_variant(product=sold_out.product, on_hand=0, price="900.00")
    Product.objects.update(base_price="900.00", in_stock=False)
    assert ask(api, sold_out, email="any@example.com").status_code == 202
    assert ask(api, sold_out, email="one@example.com", variant=sold_out.pk).status_code == 202
    receive(other)
    assert answer_requests() == 1
    message = Message.objects.get()
    assert message.recipient == "any@example.com"
    assert "from INR 900.00" in render(message).text
    receive(sold_out)
    assert answer_requests() == 1


def test_somebody_elses_address_is_not_greeted_by_the_askers_name(api, sold_out):
    api.force_authenticate(make_user(first_name="Asha"))
    ask(api, sold_out, email="friend@example.com")
    receive(sold_out)
    answer_requests()
    message = Message.objects.get()
    assert (message.recipient, message.user) == ("friend@example.com", None)
    assert "Hello,\n" in render(message).text


def test_after_the_mail_one_may_ask_again(api, sold_out):
    for _ in range(2):
        assert ask(api, sold_out, email="asha@example.com").status_code == 202
        receive(sold_out)
        assert answer_requests() == 1
        record_movement(variant_id=sold_out.pk, kind="OUT", quantity=1, recorded_by=None)
    assert Message.objects.count() == 2


def test_what_can_be_bought_is_409(api):
    variant = make_variant()
    response = ask(api, variant, email="asha@example.com")
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert "in stock" in response.json()["error"]
    assert not StockRequest.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "nobody"},
        {"email": "a" * 250 + "@example.com"},
        {"email": "a@example.com", "variant": 0},
        {"email": "a@example.com", "variant": "x"},
        {"email": "a@example.com", "variant": 2**63},
        {"email": "a@example.com", "variant": 999_999},
    ],
)
def test_what_names_nobody_or_nothing_is_400(api, sold_out, body):
    assert ask(api, sold_out, **body).status_code == 400
    assert not StockRequest.objects.exists()


def test_a_variant_of_another_product_is_400_and_a_hidden_product_404(api, sold_out):
    other = make_variant(on_hand=0)
    body = {"email": "a@example.com", "variant": other.pk}
    assert ask(api, sold_out, **body).status_code == 400
    Product.objects.update(is_active=False)
    assert ask(api, other, **body).status_code == 404
    Product.objects.update(is_active=True)
    Variant.objects.update(is_active=False)
    assert ask(api, other, email="a@example.com").status_code == 404


def test_a_user_without_an_address_is_told_by_phone_and_in_the_shop(api, sold_out):
    asha = make_user(email=None, phone="+919876543210", phone_verified=True)
    other = make_user(email=None, phone="+919876543211")
    for user in (asha, asha, other):
        api.force_authenticate(user)
        assert ask(api, sold_out).status_code == 202
    assert StockRequest.objects.count() == 2
    receive(sold_out)
    assert answer_requests() == 2
    message = Message.objects.get()  # an unverified phone may be a stranger's
    assert (message.kind, message.channel, message.recipient) == (
        "back_in_stock",
        "sms",
        "+919876543210",
    )
    assert Notification.objects.filter(kind="back_in_stock").count() == 2


@pytest.mark.parametrize("same", ["caller", "address"])
def test_neither_a_caller_nor_an_address_is_counted_without_end(api, sold_out, settings, same):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"notify": "2/hour"}
    for number in range(3):
        email = f"a{number}@example.com" if same == "caller" else "a@example.com"
        if same == "address":
            api.force_authenticate(make_user())
        response = ask(api, sold_out, email=email)
    assert response.status_code == 429


def test_a_product_that_is_not_sold_now_is_told_when_it_is_again(api, sold_out):
    ask(api, sold_out, email="asha@example.com")
    Product.objects.update(is_active=False)
    receive(sold_out)
    assert answer_requests() == 0
    Product.objects.update(is_active=True)
    answer_stock_requests()
    assert Message.objects.count() == 1


def test_a_hundred_requests_are_answered_once_each(django_assert_num_queries, sold_out):
    product = sold_out.product_id
    StockRequest.objects.bulk_create(
        StockRequest(
            product_id=product,
            variant=sold_out,
            email=f"a{number}@example.com",
            key_hash=StockRequest.key_of(product, sold_out.pk, f"a{number}@example.com"),
        )
        for number in range(120)
    )
    few = make_variant(on_hand=0)
    with django_assert_num_queries(12):  # as many as for one that nobody waits for
        receive(few)
    with django_assert_num_queries(12):
        receive(sold_out)
    assert answer_requests() == 120
    assert Message.objects.values("recipient").distinct().count() == 120
    assert not StockRequest.objects.exists()


def test_the_return_of_stock_starts_a_worker_only_where_somebody_waits(api, sold_out, monkeypatch):
    started = []
    monkeypatch.setattr("catalog.receivers.enqueue", lambda task, *args: started.append(task.name))
    other = make_variant(on_hand=0, product=make_product())
    ask(api, sold_out, email="asha@example.com")
    receive(other)
    assert started == []
    receive(sold_out)
    assert started == ["catalog.tasks.answer_stock_requests"]


def test_who_waits_in_vain_is_forgotten_after_so_many_days(settings, sold_out):
    settings.STOCK_REQUEST_RETENTION_DAYS = 30
    for days in (29, 31):
        row = StockRequest.objects.create(
            product=sold_out.product, email=f"{days}@example.com", key_hash=str(days)
        )
        moment = timezone.now() - timedelta(days=days)
        StockRequest.objects.filter(pk=row.pk).update(created_at=moment)
    assert delete_old_requests() == 1
    assert StockRequest.objects.get().email == "29@example.com"
    settings.STOCK_REQUEST_RETENTION_DAYS = 0
    StockRequest.objects.update(created_at=timezone.now() - timedelta(days=5000))
    forget_old_stock_requests()
    assert StockRequest.objects.count() == 1
