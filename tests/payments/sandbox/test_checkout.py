"""The overlay in a real browser, in a shop's page under a strict content policy."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from .conftest import KEYS, until

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGE = """<!doctype html><title>Shop</title><button id="pay">Pay</button>
<script src="{base}/v1/checkout.js"></script><script src="/page.js"></script>"""
SCRIPT = """
window.seen = [];
const options = {options};
if (!options.callback_url) options.handler = (answer) => seen.push(["paid", answer]);
options.modal = {{ ...options.modal, ondismiss: () => seen.push(["left"]) }};
const checkout = new Razorpay(options);
checkout.on("payment.failed", (answer) => seen.push(["failed", answer.error]));
document.getElementById("pay").addEventListener("click", () => checkout.open());
"""


class ShopPage(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, base):
        super().__init__(("127.0.0.1", 0), PageHandler)
        self.base = base
        self.options = {}
        self.posted = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class PageHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        base = self.server.base
        script = self.path == "/page.js"
        source = SCRIPT.format(options=json.dumps(self.server.options)) if script else PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        policy = f"default-src 'self'; script-src 'self' {base}; frame-src {base}"
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write((source if script else source.format(base=base)).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append({name: values[0] for name, values in parse_qs(body).items()})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def browser():
    driver_path = shutil.which("chromedriver")
    chromium = shutil.which("chromium")
    if not (driver_path and chromium):
        pytest.skip("Chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(driver_path))
    yield driver
    driver.quit()


@pytest.fixture
def page(sandbox):
    server = ShopPage(sandbox.url)
    yield server
    server.shutdown()
    server.server_close()


class Customer:
    def __init__(self, browser, page, order):
        self.browser = browser
        self.page = page
        self.order = order

    def open(self, **options):
        self.page.options = {
            "key": KEYS["key_id"],
            "order_id": self.order["id"],
            "name": "Storefront",
            **options,
        }
        self.browser.switch_to.default_content()
        self.browser.get(self.page.url)
        self.browser.find_element(By.ID, "pay").click()
        self.wait(lambda d: d.find_elements(By.TAG_NAME, "iframe"))
        self.browser.switch_to.frame(0)
        self.wait(lambda d: d.find_element(By.ID, "shop").text)

    def wait(self, fact):
        return WebDriverWait(self.browser, 10, poll_frequency=0.05).until(fact)

    def click(self, selector):
        element = self.browser.find_element(By.CSS_SELECTOR, selector)
        self.wait(lambda _: element.is_displayed())
        element.click()

    def click_sample(self, text):
        for button in self.browser.find_elements(By.CSS_SELECTOR, ".samples button"):
            if button.is_displayed() and text in button.text:
                return button.click()
        raise AssertionError(f"{text} is not on the list")

    def type(self, selector, text):
        self.browser.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def problem(self):
        return self.wait(lambda d: d.find_element(By.ID, "problem").text)

    def seen(self):
        self.browser.switch_to.default_content()
        return self.wait(lambda d: d.execute_script("return window.seen.length && window.seen"))

    def frame(self):
        self.browser.switch_to.default_content()
        self.browser.switch_to.frame(0)


@pytest.fixture
def customer(browser, page, order):
    return Customer(browser, page, order)


pytestmark = pytest.mark.browser


def test_a_card_and_a_code_pay_and_the_page_gets_the_signature(customer, client, order):
    customer.open(description="Order SF-1")
    assert "INR 1,499.00" in customer.browser.find_element(By.ID, "amount").text
    customer.click_sample("4100 2800 0000 1007")
    customer.click("#panel-card .go")
    customer.type("#otp", "1234")
    customer.click("#otp-step .go")
    [[what, answer]] = customer.seen()
    assert what == "paid"
    assert client.utility.verify_payment_signature(answer) is True
    assert client.order.fetch(order["id"])["status"] == "paid"
    assert customer.browser.find_elements(By.TAG_NAME, "iframe") == []


def test_a_customer_saves_a_card_and_pays_with_it_the_next_time(customer, client, page):
    asha = client.customer.create({"email": "asha@example.com"})
    customer.open(customer_id=asha["id"])
    assert not customer.browser.find_element(By.ID, "saved").is_displayed()
    customer.click_sample("4100 2800 0000 1007")
    customer.click("#save")
    customer.click("#panel-card .go")
    customer.type("#otp", "1234")
    customer.click("#otp-step .go")
    assert customer.seen()[0][0] == "paid"
    (token,) = client.token.all(asha["id"])["items"]
    customer.order = client.order.create({"amount": 5000, "currency": "INR"})
    customer.open(customer_id=asha["id"])
    customer.click_sample("1007")
    customer.type("#otp", "1234")
    customer.click("#otp-step .go")
    assert customer.seen()[0][0] == "paid"
    (payment,) = client.order.payments(customer.order["id"])["items"]
    assert payment["token_id"] == token["id"]


def test_without_a_customer_no_card_can_be_saved(customer):
    customer.open()
    assert not customer.browser.find_element(By.ID, "save").is_displayed()


def test_a_failed_card_is_told_and_another_may_follow(customer, client, order):
    customer.open()
    customer.click_sample("4100 2800 0006 0003")
    customer.click("#panel-card .go")
    customer.type("#otp", "1234")
    customer.click("#otp-step .go")
    assert "declined" in customer.problem()
    [[what, error]] = customer.seen()
    assert (what, error["reason"]) == ("failed", "card_declined")
    assert error["metadata"]["order_id"] == order["id"]
    customer.frame()
    customer.click("#tab-upi")
    customer.click_sample("success@razorpay")
    customer.click("#panel-upi .go")
    customer.browser.switch_to.default_content()
    customer.wait(lambda d: d.execute_script("return window.seen.length") == 2)
    assert client.order.fetch(order["id"])["status"] == "paid"


def test_a_short_code_fails(customer):
    customer.open()
    customer.click_sample("4100 2800 0000 1007")
    customer.click("#panel-card .go")
    customer.type("#otp", "12")
    customer.click("#otp-step .go")
    assert "incorrect otp" in customer.problem()


def test_an_unknown_card_is_refused_before_a_payment_is_tried(customer, client, order):
    customer.open()
    customer.type("#number", "4242424242424242")
    customer.click("#panel-card .go")
    assert "test cards" in customer.problem()
    assert client.order.fetch(order["id"]) == order


def test_a_late_upi_payment_waits_and_then_fails_in_the_browser(customer, client, order, act):
    act("pace", late_after=1.8)
    customer.open(prefill={"method": "upi", "contact": "+919000000000"})
    customer.click_sample("late@razorpay")
    customer.click("#panel-upi .go")
    assert "not completed on time" in customer.problem()
    payment = client.order.payments(order["id"])["items"][0]
    assert payment["contact"] == "+919000000000"
    until(lambda: client.order.fetch(order["id"])["status"] == "paid")


def test_a_waiting_payment_can_be_given_up(customer, client, order):
    customer.open(prefill={"method": "upi"})
    customer.click_sample("pending@razorpay")
    customer.click("#panel-upi .go")
    customer.wait(lambda d: d.find_element(By.ID, "give-up").is_displayed())
    customer.click("#give-up")
    assert "cancelled" in customer.problem()
    assert client.order.payments(order["id"])["items"][0]["error_reason"] == "payment_cancelled"


def test_escape_leaves_and_the_focus_returns_to_the_shop(customer):
    customer.open()
    customer.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert customer.seen() == [["left"]]
    assert customer.browser.switch_to.active_element.get_attribute("id") == "pay"


def test_a_callback_url_gets_the_three_fields_as_a_form(customer, client, page):
    customer.open(callback_url=f"{page.url}/return", prefill={"method": "upi"})
    customer.click_sample("success@razorpay")
    customer.click("#panel-upi .go")
    until(lambda: page.posted, seconds=10)
    [fields] = page.posted
    assert set(fields) == {"razorpay_payment_id", "razorpay_order_id", "razorpay_signature"}
    assert client.utility.verify_payment_signature(fields) is True


def test_a_paid_order_is_not_paid_again(customer, act, order):
    act("pay", order_id=order["id"], vpa="success@razorpay")
    customer.open()
    assert customer.problem() == "This order is already paid."
    assert not customer.browser.find_element(By.ID, "choose").is_displayed()


def test_the_public_address_needs_the_key_id(sandbox, client, order):
    sent = {"key_id": "rzp_test_other", "order_id": order["id"], "vpa": "success@razorpay"}
    address = f"{sandbox.url}/v1/payments/create/checkout"
    assert requests.post(address, json=sent, timeout=5).status_code == 401
    assert client.order.fetch(order["id"]) == order


def test_text_of_the_shop_cannot_break_out_of_the_page(sandbox, order):
    address = f"{sandbox.url}/v1/checkout/embedded"
    query = {"key_id": KEYS["key_id"], "order_id": order["id"], "name": "</script><b>x"}
    assert "</script><b>" not in requests.get(address, params=query, timeout=5).text
