"""What staff write by the API: with which body, and which entries of the audit trail it makes."""

from carts.models import ShippingZone
from notifications.services.feed import number_events
from payments.services.collect import collect_payment
from payments.services.initiate import initiate_payment
from tests.access.world import a_return_body
from tests.accounts.factories import PASSWORD
from tests.carts.factories import make_method
from tests.catalog.factories import make_category, make_seller, make_upload, make_variant
from tests.notifications.factories import make_endpoint, make_event
from tests.orders.factories import make_paid_order, make_placed_order, make_shipping_method

URL = "https://93.184.215.14/in"
RATE = {"country": "IN", "rate": "5"}
METHOD = {"name": "Express", "price": "99.00", "min_days": 1, "max_days": 2}


def cash(*, is_collected=False):
    order = make_placed_order(method=make_shipping_method(cash_on_delivery=True))
    payment = initiate_payment(order_id=order.pk, gateway_id="cod").payment
    return collect_payment(payment_id=payment.pk) if is_collected else payment


def a_delivery():
    endpoint = make_endpoint()
    make_event("order.paid")
    number_events()
    return endpoint.deliveries.get()


def second_variant(world):
    variant = make_variant(product=world.product)
    return f"products/{world.product.slug}/variants/{variant.pk}/"


def an_upload(world):
    return {"image": make_upload()}


def a_full_product(world):
    return {"name": "Mug", "category": make_category().pk, "price": "10"}


# What staff write: how it is sent (a function of the world: a body, maybe with the address), and
# which entries that makes, as (model, action).
WRITES = {
    ("POST", "categories/"): (
        lambda world: {"name": "Cups"},
        [("catalog.category", "created")],
    ),
    ("PATCH", "categories/{category}/"): (
        lambda world: {"name": "Cups"},
        [("catalog.category", "changed")],
    ),
    ("PUT", "categories/{category}/"): (
        lambda world: {"name": "Cups"},
        [("catalog.category", "changed")],
    ),
    ("DELETE", "categories/{category}/"): (None, [("catalog.category", "deleted")]),
    ("POST", "collections/"): (
        lambda world: {"title": "Gifts", "products": [world.product.pk]},
        [("catalog.collection", "created")],
    ),
    ("PATCH", "collections/{collection}/"): (
        lambda world: {"products": [world.product.pk]},
        [("catalog.collection", "changed")],
    ),
    ("PUT", "collections/{collection}/"): (
        lambda world: {"title": "Presents"},
        [("catalog.collection", "changed")],
    ),
    ("DELETE", "collections/{collection}/"): (None, [("catalog.collection", "deleted")]),
    ("POST", "tags/"): (lambda world: {"name": "Eco"}, [("catalog.tag", "created")]),
    ("PATCH", "tags/{tag}/"): (lambda world: {"name": "Old"}, [("catalog.tag", "changed")]),
    ("PUT", "tags/{tag}/"): (lambda world: {"name": "Old"}, [("catalog.tag", "changed")]),
    ("DELETE", "tags/{tag}/"): (None, [("catalog.tag", "deleted")]),
    ("POST", "products/"): (
        a_full_product,
        [("catalog.product", "created"), ("catalog.variant", "created")],
    ),
    ("PATCH", "products/{product}/"): (
        lambda world: {"name": "Mug", "price": "7"},
        [("catalog.product", "changed"), ("catalog.variant", "changed")],
    ),
    ("PUT", "products/{product}/"): (
        a_full_product,
        [("catalog.product", "changed"), ("catalog.variant", "changed")],
    ),
    ("DELETE", "products/{product}/"): (None, [("catalog.product", "deleted")]),
    ("POST", "products/{product}/images/"): (an_upload, [("catalog.productimage", "created")]),
    ("PATCH", "products/{product}/images/{pk}/"): (
        lambda world: {"alt_text": "Red"},
        [("catalog.productimage", "changed")],
    ),
    ("PUT", "products/{product}/images/{pk}/"): (
        an_upload,
        [("catalog.productimage", "changed")],
    ),
    ("DELETE", "products/{product}/images/{pk}/"): (None, [("catalog.productimage", "deleted")]),
    ("POST", "products/{product}/variants/"): (
        lambda world: {"sku": "two", "price": "9"},
        [("catalog.variant", "created")],
    ),
    ("PATCH", "products/{product}/variants/{pk}/"): (
        lambda world: {"price": "9"},
        [("catalog.variant", "changed")],
    ),
    ("PUT", "products/{product}/variants/{pk}/"): (
        lambda world: {"price": "9"},
        [("catalog.variant", "changed")],
    ),
    ("DELETE", "products/{product}/variants/{pk}/"): (
        lambda world: (second_variant(world), {}),
        [("catalog.variant", "deleted")],
    ),
    ("PATCH", "reviews/{pk}/"): (
        lambda world: {"is_approved": False},
        [("catalog.review", "changed")],
    ),
    ("DELETE", "reviews/{pk}/"): (None, [("catalog.review", "deleted")]),
    ("POST", "inventory/transactions/"): (
        lambda world: {
            "variant": make_variant().pk,
            "transaction_type": "IN",
            "quantity": 3,
        },
        [("catalog.stockmovement", "created")],
    ),
    ("POST", "inventory/alerts/{pk}/acknowledge/"): (
        None,
        [("catalog.stockalert", "acknowledged")],
    ),
    ("POST", "coupons/"): (
        lambda world: {"code": "NEW", "discount_type": "percentage", "value": "5"},
        [("carts.coupon", "created")],
    ),
    ("PATCH", "coupons/{pk}/"): (lambda world: {"value": "5"}, [("carts.coupon", "changed")]),
    ("PUT", "coupons/{pk}/"): (
        lambda world: {"code": "NEW", "discount_type": "percentage", "value": "5"},
        [("carts.coupon", "changed")],
    ),
    ("DELETE", "coupons/{pk}/"): (None, [("carts.coupon", "deleted")]),
    ("POST", "tax-rates/"): (lambda world: RATE, [("carts.taxrate", "created")]),
    ("PATCH", "tax-rates/{pk}/"): (lambda world: {"rate": "5"}, [("carts.taxrate", "changed")]),
    ("PUT", "tax-rates/{pk}/"): (lambda world: RATE, [("carts.taxrate", "changed")]),
    ("DELETE", "tax-rates/{pk}/"): (None, [("carts.taxrate", "deleted")]),
    ("POST", "shipping-zones/"): (
        lambda world: {"name": "Far", "countries": ["US"]},
        [("carts.shippingzone", "created")],
    ),
    ("PATCH", "shipping-zones/{pk}/"): (
        lambda world: {"name": "Far"},
        [("carts.shippingzone", "changed")],
    ),
    ("PUT", "shipping-zones/{pk}/"): (
        lambda world: {"name": "Far", "countries": ["US"]},
        [("carts.shippingzone", "changed")],
    ),
    ("DELETE", "shipping-zones/{pk}/"): (None, [("carts.shippingzone", "deleted")]),
    ("POST", "shipping-methods/"): (
        lambda world: {**METHOD, "zone": make_method().zone_id},
        [("carts.shippingmethod", "created")],
    ),
    ("PATCH", "shipping-methods/{pk}/"): (
        lambda world: {"price": "1.00"},
        [("carts.shippingmethod", "changed")],
    ),
    ("PUT", "shipping-methods/{pk}/"): (
        lambda world: {**METHOD, "zone": ShippingZone.objects.create(name="Far").pk},
        [("carts.shippingmethod", "changed")],
    ),
    ("DELETE", "shipping-methods/{pk}/"): (None, [("carts.shippingmethod", "deleted")]),
    ("PATCH", "orders/{id}/"): (
        lambda world: {"staff_note": "Ring twice."},
        [("orders.order", "changed")],
    ),
    ("POST", "orders/{id}/cancel/"): (None, [("orders.order", "cancelled")]),
    ("POST", "orders/{id}/shipments/"): (
        lambda world: (
            f"orders/{make_paid_order().pk}/shipments/",
            {"carrier": "DHL", "tracking_number": "1"},
        ),
        [("orders.order", "shipped"), ("orders.shipment", "created")],
    ),
    ("POST", "orders/{id}/status/"): (
        lambda world: (f"orders/{make_paid_order().pk}/status/", {"status": "processing"}),
        [("orders.order", "processing")],
    ),
    ("POST", "returns/"): (
        lambda world: a_return_body(world.owner),
        [("orders.returnrequest", "requested")],
    ),
    ("POST", "returns/{pk}/approve/"): (
        None,
        [("orders.returnrequest", "approved")],
    ),
    ("POST", "returns/{pk}/reject/"): (
        lambda world: {"note": "Worn."},
        [("orders.returnrequest", "rejected")],
    ),
    ("POST", "payments/{id}/collect/"): (
        lambda world: (f"payments/{cash().pk}/collect/", {}),
        [("orders.order", "changed"), ("payments.payment", "collected")],
    ),
    ("POST", "payments/{id}/refund/"): (
        lambda world: (f"payments/{cash(is_collected=True).pk}/refund/", {"amount": "10"}),
        [("payments.refund", "refunded")],
    ),
    ("POST", "sellers/"): (
        lambda world: {"name": "Fine cups"},
        [("accounts.seller", "created")],
    ),
    ("PATCH", "sellers/{seller}/"): (
        lambda world: {"name": "Fine cups"},
        [("accounts.seller", "changed")],
    ),
    ("POST", "sellers/{seller}/approve/"): (
        lambda world: (f"sellers/{make_seller(status='pending').pk}/approve/", {}),
        [("accounts.seller", "approved"), ("accounts.user", "changed")],
    ),
    ("POST", "sellers/{seller}/suspend/"): (
        None,
        [("accounts.seller", "suspended"), ("accounts.user", "changed")],
    ),
    ("PATCH", "customers/{pk}/"): (
        lambda world: {"membership": "gold"},
        [("accounts.user", "changed")],
    ),
    ("PATCH", "users/me/"): (
        lambda world: {"first_name": "Asha"},
        [("accounts.user", "changed")],
    ),
    ("DELETE", "users/me/"): (
        lambda world: {"password": PASSWORD},
        [("accounts.user", "erased")],
    ),
    ("POST", "auth/password/change/"): (
        lambda world: {"current_password": PASSWORD, "new_password": "an0ther-Long-one"},
        [("accounts.user", "password_set")],
    ),
    ("POST", "webhook-endpoints/"): (
        lambda world: {"url": URL, "events": ["order.paid"]},
        [("notifications.webhookendpoint", "created")],
    ),
    ("PATCH", "webhook-endpoints/{id}/"): (
        lambda world: {"is_active": False},
        [("notifications.webhookendpoint", "changed")],
    ),
    ("PUT", "webhook-endpoints/{id}/"): (
        lambda world: {"url": URL, "events": ["order.paid"]},
        [("notifications.webhookendpoint", "changed")],
    ),
    ("DELETE", "webhook-endpoints/{id}/"): (
        None,
        [("notifications.webhookendpoint", "deleted")],
    ),
    ("POST", "webhook-endpoints/{id}/rotate-secret/"): (
        None,
        [("notifications.webhookendpoint", "secret_rotated")],
    ),
    ("POST", "webhook-endpoints/{id}/deliveries/{delivery_id}/redeliver/"): (
        lambda world: (
            "webhook-endpoints/{0.endpoint_id}/deliveries/{0.pk}/redeliver/".format(a_delivery()),
            {},
        ),
        [("notifications.webhookdelivery", "sent_again")],
    ),
}

# Writes without an entry: the beginning of a route, and why.
ABOUT_ONESELF = "what anybody does for themselves, staff too"
NOT_AUDITED = {
    "addresses/": ABOUT_ONESELF,
    "analytics/events/": "counts what people look at",
    "auth/": "proofs of who one is; a password that staff change is in the trail",
    "cart/": ABOUT_ONESELF,
    "carts/": ABOUT_ONESELF,
    "checkout/preview/": "writes nothing",
    "coupons/validate/": "writes nothing",
    "notifications/": ABOUT_ONESELF,
    "orders/{id}/reorder/": "fills one's own cart",
    "payment-methods/": ABOUT_ONESELF,
    "payments/create-payment-intent/": ABOUT_ONESELF,
    "payments/initiate/": ABOUT_ONESELF,
    "payments/verify/": ABOUT_ONESELF,
    "payments/webhooks/": "gateways call it",
    "products/{product}/like/": ABOUT_ONESELF,
    "products/{product}/notify-me/": ABOUT_ONESELF,
    "reviews/{pk}/helpful/": ABOUT_ONESELF,
    "wishlist/": ABOUT_ONESELF,
}
# The same of whole routes: what is below them may be staff's.
NOT_AUDITED_ALONE = {
    ("POST", "orders/"): "a purchase",
    ("POST", "products/{product}/reviews/"): "one's own opinion",
}
