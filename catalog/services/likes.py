"""Likes of products: each is a row, and the product's count is their number."""

from django.db import transaction

from accounts.models import User
from config.errors import NotFound
from config.transactions import retried

from ..models import Like, Product


@retried
@transaction.atomic
def like_product(*, product_id: int, user: User) -> None:
    """Note that a user likes a product, once however often it is said."""
    product = _lock(product_id)
    _, is_new = Like.objects.get_or_create(product=product, user=user)
    if is_new:
        product.like_count += 1
        product.save(update_fields=["like_count"])


@retried
@transaction.atomic
def unlike_product(*, product_id: int, user: User) -> None:
    """Forget that a user likes a product; whoever does not like it changes nothing."""
    product = _lock(product_id)
    deleted, _ = Like.objects.filter(product=product, user=user).delete()
    if deleted:
        product.like_count -= 1
        product.save(update_fields=["like_count"])


def _lock(product_id: int) -> Product:
    product = Product.objects.select_for_update().filter(pk=product_id).first()
    if product is None:
        raise NotFound()
    return product
