"""Calls of carts that several tests make."""

CART = "/api/v1/cart/"
ITEMS = "/api/v1/cart/items/"


def add(api, variant, quantity=1, **headers):
    body = {"variant": variant.pk, "quantity": quantity}
    return api.post(ITEMS, body, headers=headers)


def of(cart):
    return f"/api/v1/carts/{cart.pk}/"


def pieces(cart):
    return {item.variant_id: item.quantity for item in cart.items.all()}
