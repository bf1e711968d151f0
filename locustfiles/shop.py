"""Buyers: they browse, fill a cart and check out; they pay where SANDBOX_URL names a sandbox.

    locust -f locustfiles/shop.py --host http://localhost:8000 \
        --headless --users 50 --spawn-rate 5 --run-time 2m

All of them come from one address here: start the shop with THROTTLE_ANON=off and
THROTTLE_CHECKOUT=off.
"""

import os
import random
from uuid import uuid4

from locust import HttpUser, between, task

API = "/api/v1"
SANDBOX_URL = os.environ.get("SANDBOX_URL", "").rstrip("/")
ADDRESS = {
    "full_name": "Asha Rao",
    "phone_number": "+919876543210",
    "address_line1": "12 MG Road",
    "city": "Bengaluru",
    "state": "KA",
    "postal_code": "560001",
    "country": "IN",
}


class Buyer(HttpUser):
    wait_time = between(0.5, 2)

    def on_start(self):
        page = self.client.get(f"{API}/products/?in_stock=true&page_size=100").json()
        self.products = [row["id"] for row in page["results"]]
        self.categories = [row["slug"] for row in self.client.get(f"{API}/categories/").json()]

    @task(10)
    def browse(self):
        page = random.randint(1, 5)
        with self.client.get(
            f"{API}/products/?in_stock=true&page={page}",
            name="list products",
            catch_response=True,
        ) as response:
            if response.status_code in (200, 404):
                response.success()

    @task(5)
    def look_into_a_category(self):
        if self.categories:
            slug = random.choice(self.categories)
            self.client.get(
                f"{API}/products/?category={slug}&ordering=price", name="list a category"
            )

    @task(10)
    def look_at_a_product(self):
        if self.products:
            product = random.choice(self.products)
            self.client.get(f"{API}/products/{product}/", name="see a product")

    @task(2)
    def buy(self):
        cart = self._fill_a_cart()
        if cart is None:
            return
        order = self._place_order(cart)
        if order is not None and SANDBOX_URL:
            self._pay(order)

    def _fill_a_cart(self):
        """Return the id of a cart with one or two products, or None where all was sold out."""
        cart = self.client.post(f"{API}/carts/", name="open a cart").json()["id"]
        filled = False
        for product in random.sample(self.products, k=min(2, len(self.products))):
            with self.client.post(
                f"{API}/carts/{cart}/items/",
                json={"product": product, "quantity": 1},
                name="add to the cart",
                catch_response=True,
            ) as response:
                filled = filled or response.ok
                # Sold out, or sold by the variant: no fault of the shop.
                if response.status_code in (400, 409):
                    response.success()
        return cart if filled else None

    def _place_order(self, cart):
        methods = self.client.get(
            f"{API}/shipping-methods/?country=IN&postal_code=560001&cart_id={cart}",
            name="ask for shipping",
        ).json()
        if not methods:
            return None
        with self.client.post(
            f"{API}/orders/",
            json={
                "cart_id": cart,
                "email": f"{uuid4().hex[:12]}@example.com",
                "shipping_address": ADDRESS,
                "shipping_method": methods[0]["id"],
            },
            headers={"Idempotency-Key": uuid4().hex},
            name="place an order",
            catch_response=True,
        ) as response:
            if response.status_code == 409 and response.json()["code"] == "insufficient_stock":
                response.success()
        return response.json() if response.status_code == 201 else None

    def _pay(self, order):
        token = f"?token={order['access_token']}"
        started = self.client.post(
            f"{API}/payments/initiate/{token}",
            json={"order_id": order["id"]},
            headers={"Idempotency-Key": uuid4().hex},
            name="start a payment",
        )
        if started.status_code not in (200, 201):
            return
        paid = self.client.post(
            f"{SANDBOX_URL}/sandbox/pay",
            json={"order_id": started.json()["razorpay"]["order_id"], "vpa": "success@razorpay"},
            name="(pay in the sandbox)",
        )
        if paid.ok:
            self.client.post(
                f"{API}/payments/verify/{token}", json=paid.json(), name="verify a payment"
            )
