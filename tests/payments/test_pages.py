import json
import re

import pytest
from django.contrib.staticfiles import finders

PAGE = "/payments/test/"


def test_the_test_page_names_the_sandbox_and_loads_nothing_from_elsewhere(client, settings):
    settings.RAZORPAY_BASE_URL = "http://127.0.0.1:8001"
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    html = answer.content.decode()
    told = json.loads(re.search(r'<script id="page"[^>]*>(.*?)</script>', html)[1])
    assert told["checkout"] == "http://127.0.0.1:8001/v1/checkout.js"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert [one for one in loaded if "//" in one] == []
    for file in ("payments/test.css", "payments/test.js"):
        assert f"/static/{file}" in loaded
        assert finders.find(file)


def test_the_test_page_does_not_exist_in_a_real_shop(client, settings):
    settings.PAYMENTS_USE_SANDBOX = False
    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_test_page_is_only_read(client, method):
    assert getattr(client, method)(PAGE).status_code == 405
