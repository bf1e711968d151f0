import pytest

from config.throttles import AnonThrottle, CheckoutThrottle, UserThrottle, address_of
from tests.accounts.factories import make_user

pytestmark = [pytest.mark.urls("tests.config.probe_urls"), pytest.mark.django_db]


@pytest.fixture
def two_a_minute(monkeypatch):
    for throttle in (AnonThrottle, UserThrottle, CheckoutThrottle):
        monkeypatch.setattr(throttle, "get_rate", lambda self: "2/min")


def statuses(api, method, address, times=3, **headers):
    return [getattr(api, method)(address, **headers).status_code for _ in range(times)]


def test_past_its_rate_a_guest_waits_and_is_told_how_long(api, two_a_minute):
    assert statuses(api, "get", "/api/v1/echo/", 2) == [200, 200]
    response = api.get("/api/v1/echo/")
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 60


def test_guests_count_by_address_and_users_by_themselves(api, two_a_minute):
    assert statuses(api, "get", "/api/v1/echo/") == [200, 200, 429]
    assert api.get("/api/v1/echo/", REMOTE_ADDR="10.0.0.9").status_code == 200
    for _ in range(2):
        api.force_authenticate(make_user())
        assert statuses(api, "get", "/api/v1/echo/") == [200, 200, 429]


def test_a_forged_address_does_not_reset_the_count(api, two_a_minute):
    spread = [
        api.get("/api/v1/echo/", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(3)
    ]
    assert spread == [200, 200, 429]


def test_behind_a_trusted_proxy_the_address_it_saw_counts(api, two_a_minute, monkeypatch):
    monkeypatch.setattr("rest_framework.settings.api_settings.NUM_PROXIES", 1)
    seen = [
        api.get("/api/v1/echo/", HTTP_X_FORWARDED_FOR=f"1.1.1.{n}, 10.0.0.1").status_code
        for n in range(3)
    ]
    assert seen == [200, 200, 429]
    other = api.get("/api/v1/echo/", HTTP_X_FORWARDED_FOR="1.1.1.1, 10.0.0.2")
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_of_ipv6_the_whole_network_of_a_client_counts_as_one_address(rf, given, counted):
    assert address_of(rf.get("/", REMOTE_ADDR=given)) == counted


def test_changing_addresses_within_ones_network_does_not_reset_the_count(api, two_a_minute):
    spread = [
        api.get("/api/v1/echo/", REMOTE_ADDR=f"2001:db8::{n}").status_code for n in range(1, 4)
    ]
    assert spread == [200, 200, 429]


def test_checkout_counts_what_is_posted_and_not_what_is_read(api, two_a_minute):
    assert statuses(api, "get", "/api/v1/throttled/") == [200, 200, 200]
    assert statuses(api, "post", "/api/v1/throttled/") == [200, 200, 429]


def test_a_rate_that_is_off_limits_nobody(api, monkeypatch):
    monkeypatch.setattr(AnonThrottle, "get_rate", lambda self: None)
    assert statuses(api, "get", "/api/v1/echo/", 5) == [200] * 5
