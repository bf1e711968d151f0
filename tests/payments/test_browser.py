"""The page for trying a payment, in a real browser: from an empty cart to a paid order."""

import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from orders.models import Order, OrderStatus, PaymentStatus
from orders.services.access import token_of
from payments.models import Payment, PaymentState
from tests.catalog.factories import make_variant
from tests.orders.factories import make_placed_order, make_shipping_method

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser():
    driver_path, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver_path and chromium):
        pytest.skip("Chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1000,1400"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(driver_path))
    yield driver
    driver.quit()


class Customer:
    def __init__(self, browser, base):
        self.browser = browser
        self.base = base

    def open(self, query=""):
        self.browser.get(f"{self.base}/payments/test/{query}")

    def wait(self, fact):
        return WebDriverWait(self.browser, 15, poll_frequency=0.05).until(fact)

    def click(self, selector):
        element = self.wait(lambda d: d.find_element(By.CSS_SELECTOR, selector))
        self.wait(lambda _: element.is_displayed() and element.is_enabled())
        element.click()

    def text(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector).text

    def says(self, words):
        self.browser.switch_to.default_content()
        self.wait(lambda _: words in self.text("#message"))

    def open_checkout(self):
        self.click("#pay")
        self.wait(lambda d: d.find_elements(By.TAG_NAME, "iframe"))
        self.browser.switch_to.frame(0)

    def pay_by_card(self, number):
        self.wait(lambda d: d.find_element(By.ID, "number").is_displayed())
        buttons = self.browser.find_elements(By.CSS_SELECTOR, ".samples button")
        next(button for button in buttons if number in button.text).click()
        self.click("#panel-card .go")
        self.wait(lambda d: d.find_element(By.ID, "otp").is_displayed())
        self.browser.find_element(By.ID, "otp").send_keys("1234")
        self.click("#otp-step .go")


@pytest.fixture
def customer(browser, live_server, bank):
    return Customer(browser, live_server.url)


def test_a_demo_order_is_placed_and_paid_with_a_test_card(customer):
    make_variant(price="250.00", on_hand=3)
    make_shipping_method()
    customer.open()
    customer.wait(lambda d: "250.00" in customer.text("#demo select"))
    customer.click("#demo button")
    customer.says("The order is placed.")
    assert customer.text("#pay") == "Pay 300.00 INR"
    customer.open_checkout()
    customer.pay_by_card("4100 2800 0000 1007")
    customer.says("The payment is succeeded, the order is confirmed.")
    order, payment = Order.objects.get(), Payment.objects.get()
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert payment.status == PaymentState.SUCCEEDED
    assert customer.text('[data-fact="payment_status"]') == "paid"
    assert not customer.browser.find_element(By.ID, "pay").is_displayed()


def test_an_order_of_a_guest_is_paid_after_a_declined_card(customer):
    order = make_placed_order(email="guest@example.com")
    customer.open(f"?order={order.number}&token={token_of(order)}")
    customer.wait(lambda _: customer.text('[data-fact="number"]') == order.number)
    assert "token" not in customer.browser.current_url
    customer.open_checkout()
    customer.pay_by_card("4100 2800 0006 0003")
    customer.says("declined")
    customer.browser.switch_to.frame(0)
    customer.click("#tab-upi")
    buttons = customer.browser.find_elements(By.CSS_SELECTOR, ".samples button")
    next(one for one in buttons if "success@razorpay" in one.text).click()
    customer.click("#panel-upi .go")
    customer.says("The payment is succeeded")
    order.refresh_from_db()
    assert order.payment_status == PaymentStatus.PAID


def test_a_wrong_token_shows_nothing_and_says_so(customer):
    order = make_placed_order(email="guest@example.com")
    customer.open(f"?order={order.number}&token=wrong")
    customer.says("Not found.")
    assert not customer.browser.find_element(By.ID, "order").is_displayed()
