"""The flash sale of a product: a price for one variant, or a percentage for all."""

from typing import Any

from django.utils import timezone

from config.errors import InvalidInput

from ..models import Product


def set_flash_sale(product: Product, setting: dict[str, Any] | None) -> None:
    """Put a flash sale on a locked product, or take it off; nothing is saved."""
    setting = setting or {}
    product.flash_price = setting.get("price")
    product.flash_percentage = setting.get("discount_percentage")
    product.flash_starts_at = setting.get("starts_at")
    product.flash_ends_at = setting.get("ends_at")


def check_flash_sale(product: Product) -> None:
    """Raise InvalidInput where a sale that is not over yet does not fit the variants."""
    if product.flash_price is None or not product.flash_ends_at:
        return
    if product.flash_ends_at <= timezone.now():
        return
    prices = list(product.variants.filter(archived_at=None).values_list("price", flat=True)[:2])
    if len(prices) > 1:
        raise InvalidInput(
            flash_sale="A flash price is for a product of one variant. Give a discount_percentage."
        )
    if any(product.flash_price >= price for price in prices):
        raise InvalidInput(flash_sale="The flash price must be under the normal price.")
