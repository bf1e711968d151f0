"""What mails about a product show."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from catalog.models import Product, Variant

from ...models import Message
from .writing import show_amount, show_options


def show_product(message: Message) -> dict[str, Any]:
    """Show a product, or the variant of it that is named, at today's price."""
    data, variant, now = message.data, None, timezone.now()
    product = Product.objects.get(pk=data["product_id"])
    if "variant_id" in data:
        variant = Variant.objects.select_related("product").get(pk=data["variant_id"])
    price = variant.price_at(now) if variant else product.price_at(now, product.base_price)
    path = settings.FRONTEND_PRODUCT_PATH.format(slug=product.slug)
    return {
        "subject_values": {"product": product.name},
        "product": product,
        "product_url": settings.FRONTEND_URL + path,
        "options": show_options(variant.attributes) if variant else "",
        "price": show_amount(price, product.currency),
        "is_lowest_price": variant is None,
    }
