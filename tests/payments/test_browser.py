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

    def choose(self, gateway):
        self.click(f'#gateways input[value="{gateway}"]')

    def open_order(self, order):
        self.open(f"?order={order.number}&token={token_of(order)}")
        self.wait(lambda _: self.text('[data-fact="number"]') == order.number)

    def pay_by_card(self, number):
        self.wait(lambda d: d.find_element(By.ID, "number").is_displayed())
        buttons = self.browser.find_elements(By.CSS_SELECTOR, ".samples button")
        next(button for button in buttons if number in button.text).click()
        self.click("#panel-card .go")
        self.wait(lambda d: d.find_element(By.ID, "otp").is_displayed())
        self.browser.find_element(By.ID, "otp").send_keys("1234")
        self.click("#otp-step .go")

    def confirm_stripe_card(self, number):
        """Choose a test card in the frame of the Payment Element, and press the page's button."""
        frame = self.wait(lambda d: d.find_element(By.CSS_SELECTOR, "#element iframe"))
        self.browser.switch_to.frame(frame)
        self.wait(lambda d: d.find_elements(By.CSS_SELECTOR, "#samples button"))
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "#samples button")
        next(button for button in buttons if number in button.text).click()
        self.browser.switch_to.default_content()
        self.click("#element button")

    def answer_bank(self, button):
        self.browser.switch_to.frame(0)
        self.click(f"#{button}")
        self.browser.switch_to.default_content()

    def press(self, words):
        """Press a button of the page that Chapa has for paying."""
        path = f'//button[contains(., "{words}")]'
        self.wait(lambda d: d.find_elements(By.XPATH, path))
        self.browser.find_element(By.XPATH, path).click()


@pytest.fixture
def customer(browser, live_server, bank, settings):
    settings.SITE_URL = settings.FRONTEND_URL = live_server.url
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


# Stripe


def test_an_order_is_paid_by_stripe_after_a_declined_card(customer):
    order = make_placed_order(email="guest@example.com")
    customer.open_order(order)
    customer.choose("stripe")
    assert "4242 4242 4242 4242" in customer.text('[data-for="stripe"]')
    customer.click("#pay")
    customer.confirm_stripe_card("4000 0000 0000 0002")
    customer.says("Your card was declined. You can try again.")
    order.refresh_from_db()
    assert order.payment_status == PaymentStatus.PENDING
    customer.confirm_stripe_card("4242 4242 4242 4242")
    customer.says("The payment is succeeded, the order is confirmed.")
    order.refresh_from_db()
    assert order.payment_status == PaymentStatus.PAID
    payment = Payment.objects.get()
    assert (payment.gateway, payment.status) == ("stripe", PaymentState.SUCCEEDED)
    assert not customer.browser.find_element(By.ID, "element").is_displayed()


def test_the_bank_asks_the_customer_of_stripe_first(customer):
    order = make_placed_order(email="guest@example.com")
    customer.open_order(order)
    customer.choose("stripe")
    customer.click("#pay")
    customer.confirm_stripe_card("4000 0025 0000 3155")
    customer.answer_bank("fail")
    customer.says("We are unable to authenticate your payment method.")
    customer.confirm_stripe_card("4000 0025 0000 3155")
    customer.answer_bank("complete")
    customer.says("The payment is succeeded, the order is confirmed.")
    assert Payment.objects.get().status == PaymentState.SUCCEEDED


def test_a_card_that_is_not_whole_is_told_and_not_sent(customer, bank):
    customer.open_order(make_placed_order(email="guest@example.com"))
    customer.choose("stripe")
    customer.click("#pay")
    customer.wait(lambda d: d.find_element(By.CSS_SELECTOR, "#element iframe"))
    customer.click("#element button")
    customer.says("Your card number is incomplete.")
    assert [event.type for event in bank.events()] == ["payment_intent.created"]


# Chapa


def test_an_order_is_paid_at_chapa_after_a_payment_that_failed(customer, settings):
    settings.STORE_CURRENCY = "ETB"
    order = make_placed_order(email="guest@example.com")
    customer.open_order(order)
    customer.choose("chapa")
    customer.click("#pay")
    customer.press("Let the payment fail")
    customer.says("The payment is failed, the order is pending.")
    assert "token" not in customer.browser.current_url
    customer.choose("chapa")
    customer.click("#pay")
    customer.press("Pay with telebirr")
    customer.says("The payment is succeeded, the order is confirmed.")
    assert customer.text('[data-fact="payment_status"]') == "paid"
    order.refresh_from_db()
    assert order.payment_status == PaymentStatus.PAID
    states = Payment.objects.order_by("created_at").values_list("gateway", "status")
    assert list(states) == [("chapa", PaymentState.FAILED), ("chapa", PaymentState.SUCCEEDED)]


def test_a_gateway_that_does_not_take_the_order_says_so(customer):
    order = make_placed_order(email="guest@example.com")
    customer.open_order(order)
    customer.choose("chapa")
    customer.click("#pay")
    customer.says("This order cannot be paid with chapa. It can be with: razorpay, stripe.")
    assert not Payment.objects.exists()


def test_a_page_that_somebody_else_opens_after_chapa_shows_nothing(customer):
    order = make_placed_order(email="guest@example.com")
    customer.browser.get(f"{customer.base}/orders/{order.number}")
    customer.says("Authentication credentials were not provided.")
    assert not customer.browser.find_element(By.ID, "order").is_displayed()


def test_the_sandbox_that_is_not_there_is_told(customer, settings):
    settings.RAZORPAY_BASE_URL = "http://127.0.0.1:9"
    settings.STRIPE_BASE_URL = "http://127.0.0.1:9/stripe"
    customer.open_order(make_placed_order(email="guest@example.com"))
    for gateway in ("razorpay", "stripe"):
        customer.choose(gateway)
        customer.click("#pay")
        customer.says("The sandbox does not answer at http://127.0.0.1:9.")
        customer.browser.execute_script("document.getElementById('message').textContent = ''")
    assert not Payment.objects.exists()
