import gzip
import logging
import re

import pytest

pytestmark = [pytest.mark.urls("tests.config.probe_urls"), pytest.mark.django_db]

ECHO = "/api/v1/echo/"


def test_a_request_id_is_echoed(api):
    assert api.get(ECHO, HTTP_X_REQUEST_ID="abc-1:2.3_4")["X-Request-ID"] == "abc-1:2.3_4"


@pytest.mark.parametrize("given", ["", "a b", "é", "x" * 129, "a\nb"])
def test_a_request_id_that_could_spoil_a_log_is_replaced(api, given):
    made = api.get(ECHO, HTTP_X_REQUEST_ID=given)["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_the_request_is_logged_under_its_id_and_without_its_query(api, caplog):
    with caplog.at_level(logging.INFO, logger="storefront.requests"):
        api.get(f"{ECHO}?token=hidden")
    assert re.search(r"GET /api/v1/echo/ 200 \d+ ms", caplog.text)
    assert "hidden" not in caplog.text


def preflight(api, origin, method="POST", headers="authorization"):
    return api.options(
        ECHO,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS=headers,
    )


def test_a_browser_may_send_the_headers_of_the_contract(api):
    response = preflight(api, "https://shop.example")
    assert response["Access-Control-Allow-Origin"] == "*"
    allowed = set(response["Access-Control-Allow-Headers"].split(", "))
    assert allowed >= {
        "authorization",
        "content-type",
        "x-cart-id",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "x-request-id",
    }


def test_a_browser_may_read_the_headers_of_the_contract(api):
    response = api.get(ECHO, HTTP_ORIGIN="https://shop.example")
    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert exposed == {"ETag", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed"}
    assert "Access-Control-Allow-Credentials" not in response


def test_listed_origins_may_send_credentials_and_others_nothing(api, settings):
    settings.CORS_ALLOW_ALL_ORIGINS = False
    settings.CORS_ALLOW_CREDENTIALS = True
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    response = preflight(api, "https://shop.example")
    assert response["Access-Control-Allow-Origin"] == "https://shop.example"
    assert response["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Origin" not in preflight(api, "https://evil.example")


@pytest.mark.parametrize("address", ["/api/v1/nowhere/", "/api/v1/broken/"])
def test_errors_can_be_read_by_browsers_too(api, address):
    response = api.get(address, HTTP_ORIGIN="https://shop.example")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_body_that_is_too_large_can_be_read_about_by_browsers(api):
    response = api.post(ECHO, {"a": "x" * 1_000_001}, HTTP_ORIGIN="https://shop.example")
    assert response.status_code == 413
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_long_answer_is_compressed_for_those_who_take_it(api):
    response = api.get(f"{ECHO}?length=1100", HTTP_ACCEPT_ENCODING="gzip")
    assert response["Content-Encoding"] == "gzip"
    assert b"xxxx" in gzip.decompress(response.content)
    assert "Content-Encoding" not in api.get(f"{ECHO}?length=1100")


def test_an_error_page_in_the_one_shape_is_not_marked_as_compressed_when_it_is_not(api):
    response = api.get("/api/v1/plain-page/", HTTP_ACCEPT_ENCODING="gzip")
    if response.get("Content-Encoding") == "gzip":
        assert b'"code"' in gzip.decompress(response.content)
    else:
        assert b'"code"' in response.content
