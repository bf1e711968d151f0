import json
import re

import pytest
from django.contrib.staticfiles import finders

PAGE = "/payments/test/"


def test_the_test_page_names_the_sandbox_and_loads_nothing_from_elsewhere(client, settings):
    settings.RAZORPAY_BASE_URL = "http://127.0.0.1:8001"
    settings.STRIPE_BASE_URL = "http://127.0.0.1:8001/stripe"
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    html = answer.content.decode()
    told = json.loads(re.search(r'<script id="page"[^>]*>(.*?)</script>', html)[1])
    assert told["scripts"] == {
        "razorpay": "http://127.0.0.1:8001/v1/checkout.js",
        "stripe": "http://127.0.0.1:8001/stripe/v3/",
    }
    loaded = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert [one for one in loaded if "//" in one] == []
    for file in ("payments/test.css", "payments/test.js"):
        assert f"/static/{file}" in loaded
    for file in ("test.css", "test.js", "pay.js"):
        assert finders.find(f"payments/{file}")


def test_the_test_page_offers_the_gateways_that_the_sandbox_stands_in_for(client, settings):
    offered = re.compile(r'name="gateway" value="(\w+)"')
    html = client.get(PAGE).content.decode()
    assert offered.findall(html) == ["razorpay", "stripe", "chapa"]
    settings.STRIPE_BASE_URL = "https://api.stripe.com"
    assert offered.findall(client.get(PAGE).content.decode()) == ["razorpay", "chapa"]


def test_the_address_of_an_order_leads_to_the_test_page(client):
    answer = client.get("/orders/ORD-1?payment=abc&token=x%26y")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/payments/test/?order=ORD-1&payment=abc&token=x%26y",
    )


def test_the_test_page_does_not_exist_in_a_real_shop(client, settings):
    settings.PAYMENTS_USE_SANDBOX = False
    assert client.get(PAGE).status_code == 404
    assert client.get("/orders/ORD-1").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_test_page_is_only_read(client, method):
    assert getattr(client, method)(PAGE).status_code == 405
