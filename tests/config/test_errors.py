import json
import logging

import pytest
from rest_framework_simplejwt.tokens import AccessToken

from config.errors import STATUS_OF_CODE, code_of_status
from tests.accounts.factories import make_user

pytestmark = [pytest.mark.urls("tests.config.probe_urls"), pytest.mark.django_db]

BASE = "/api/v1/"


def assert_error(response, status, code):
    """Check the whole shape; return the details."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = json.loads(response.content)
    assert list(body) == ["error", "code", "status", "details", "request_id", "timestamp"]
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == response["X-Request-ID"]
    assert isinstance(body["error"], str)
    assert body["error"]
    return body["details"]


def test_field_errors_stand_under_details(api):
    details = assert_error(api.post(f"{BASE}fields/", {}), 400, "validation_error")
    assert details == {"name": ["Give a name."]}


def test_a_refusal_of_a_service_keeps_its_code_and_details(api):
    details = assert_error(api.post(f"{BASE}refused/", {}), 409, "conflict")
    assert details == {"items": [1]}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": Infinity}',
        b'{"a": 9223372036854775808}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b"[" * 5_000 + b"]" * 5_000,
    ],
)
def test_a_body_that_is_not_storable_json_is_a_parse_error(api, body):
    response = api.generic("POST", f"{BASE}echo/", body, content_type="application/json")
    assert_error(response, 400, "parse_error")


def test_nul_characters_are_dropped_from_texts(api):
    response = api.post(f"{BASE}echo/", {"a\x00": ["b\x00c"]})
    assert response.json() == {"got": {"a": ["bc"]}}


@pytest.mark.parametrize("address", ["echo/?q=%00", "ec%00ho/"])
def test_an_address_with_a_nul_is_a_parse_error(api, address):
    assert_error(api.get(BASE + address), 400, "parse_error")


def test_without_a_token_a_private_call_is_401_and_says_how(api):
    response = api.get(f"{BASE}private/")
    assert_error(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer nonsense", "JWT nonsense", "Bearer", "Bearer a b"])
def test_a_bad_token_is_401_also_where_guests_may_call(api, header):
    response = api.get(f"{BASE}echo/", HTTP_AUTHORIZATION=header)
    assert_error(response, 401, "token_not_valid")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_the_token_of_an_account_that_is_gone_is_401(api):
    user = make_user()
    token = AccessToken.for_user(user)
    user.delete()
    response = api.get(f"{BASE}private/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert_error(response, 401, "token_not_valid")


@pytest.mark.parametrize("kind", ["Bearer", "JWT"])
def test_both_words_before_a_token_are_accepted(api, kind):
    user = make_user()
    token = AccessToken.for_user(user)
    response = api.get(f"{BASE}private/", HTTP_AUTHORIZATION=f"{kind} {token}")
    assert response.json() == {"id": str(user.pk)}


def test_a_role_that_may_not_is_403(api):
    assert_error(api.get(f"{BASE}forbidden/"), 403, "permission_denied")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_an_unknown_address_is_404_whatever_the_method(settings, client, method, debug):
    settings.DEBUG = debug
    client.handler.enforce_csrf_checks = True
    assert_error(getattr(client, method)(f"{BASE}nowhere/"), 404, "not_found")


def test_a_missing_slash_is_404_and_names_the_right_address(api):
    response = api.post("/api/v1/echo", {})
    assert_error(response, 404, "not_found")
    assert "/api/v1/echo/" in response.json()["error"]


def test_a_wrong_method_is_405_and_names_the_right_ones(api):
    response = api.delete(f"{BASE}echo/")
    assert_error(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_head_and_options_are_answered(api):
    assert api.head(f"{BASE}echo/").status_code == 200
    assert api.options(f"{BASE}echo/").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml"])
def test_a_client_that_takes_no_json_gets_406_in_json(api, accept):
    assert_error(api.get(f"{BASE}echo/", HTTP_ACCEPT=accept), 406, "not_acceptable")


def test_a_browser_gets_json(api):
    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert api.get(f"{BASE}echo/", HTTP_ACCEPT=accept).json() == {"said": "x"}


def test_a_body_over_one_megabyte_is_413(api):
    response = api.post(f"{BASE}echo/", {"text": "x" * 1_000_000})
    assert_error(response, 413, "payload_too_large")


def test_a_body_of_nearly_one_megabyte_is_read(api):
    assert api.post(f"{BASE}echo/", {"text": "x" * 999_000}).status_code == 200


def test_a_form_over_twenty_megabytes_is_413_before_it_is_read(api):
    response = api.generic(
        "POST",
        f"{BASE}echo/",
        b"--b",
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH="20000001",
    )
    assert_error(response, 413, "payload_too_large")
    assert "20 MB" in response.json()["error"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
def test_a_body_of_another_kind_is_415(api, kind):
    response = api.generic("POST", f"{BASE}echo/", b"a=b", content_type=kind)
    assert_error(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("address", ["broken/", "plain-broken/"])
def test_a_bug_is_500_without_its_text_and_with_a_log_line(settings, api, caplog, address, debug):
    settings.DEBUG = debug
    with caplog.at_level(logging.ERROR):
        response = api.get(BASE + address)
    assert_error(response, 500, "server_error")
    assert b"secret" not in response.content
    assert "a secret of the code" in caplog.text


def test_a_database_that_is_away_is_503_with_a_pause(api):
    response = api.get(f"{BASE}busy/")
    assert_error(response, 503, "service_unavailable")
    assert int(response["Retry-After"]) >= 1


@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_host_is_400(settings, api, debug):
    settings.DEBUG = debug
    response = api.get(f"{BASE}echo/", HTTP_HOST="evil.example")
    assert_error(response, 400, "parse_error")


def test_a_page_of_django_becomes_the_error_shape(api):
    response = api.get(f"{BASE}plain-page/")
    assert response.status_code == 500
    assert response.json()["code"] == "server_error"


def test_every_code_has_the_first_code_of_its_status_as_its_general_one():
    general = {code_of_status(status) for status in STATUS_OF_CODE.values()}
    assert general <= set(STATUS_OF_CODE)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.urls("config.urls")
def test_the_document_of_the_api_answers_errors_in_json_too(settings, api, debug):
    settings.DEBUG = debug
    assert_error(api.post("/api/schema/", {}), 405, "method_not_allowed")
    assert_error(api.get("/api/docs/", HTTP_ACCEPT="image/png"), 406, "not_acceptable")
