import json
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

from tests.accounts.factories import PASSWORD, make_staff

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture
def show(browser, live_server):
    """Open an address of the shop and wait for an element."""

    def show(address, selector):
        browser.get_log("performance")  # what earlier pages asked for
        browser.get(live_server.url + address)
        found = expected_conditions.visibility_of_element_located((By.CSS_SELECTOR, selector))
        return WebDriverWait(browser, 60).until(found)

    return show


def addresses_asked_for(browser):
    """Return what left the browser: all requests but those that the page's policy stopped."""
    messages = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    asked = {
        message["params"]["requestId"]: message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    for message in messages:
        if message["params"].get("blockedReason") == "csp":
            asked.pop(message["params"]["requestId"], None)
    return list(asked.values())


def assert_all_from_here(browser, live_server):
    asked = [url for url in addresses_asked_for(browser) if url.startswith("http")]
    assert len(asked) >= 3
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(live_server.url).netloc}


def test_swagger_ui_shows_the_api_without_asking_another_host(browser, live_server, show):
    assert show("/api/docs/", ".swagger-ui .info .title").text.startswith("Storefront")
    assert_all_from_here(browser, live_server)


def test_redoc_shows_the_api_without_asking_another_host(browser, live_server, show):
    assert show("/api/redoc/", "redoc h1, #redoc-container h1").text.startswith("Storefront")
    assert_all_from_here(browser, live_server)


def test_staff_log_in_to_the_admin(browser, live_server, show):
    staff = make_staff()
    show("/admin/", "input[name=username]").send_keys(staff.email)
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "form button[type=submit]").click()
    link = expected_conditions.presence_of_element_located(
        (By.CSS_SELECTOR, "a[href*='/admin/'], #content")
    )
    WebDriverWait(browser, 30).until(link)
    WebDriverWait(browser, 30).until_not(lambda page: page.find_elements(By.NAME, "password"))
    assert urlsplit(browser.current_url).path == "/admin/"
    assert_all_from_here(browser, live_server)
