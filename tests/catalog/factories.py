"""Plain makers of catalogue rows; each argument is what a test wants to say."""

from io import BytesIO
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Seller
from catalog.models import Category, Product, Stock, Variant
from catalog.services.attributes import refresh_attributes
from catalog.services.reviews import write_review
from tests.accounts.factories import make_user

_numbers = count(1)


def make_category(**fields):
    number = next(_numbers)
    fields = {"name": f"Category {number}", "slug": f"category-{number}"} | fields
    category = Category.objects.create(**fields)
    parent_path = category.parent.path if category.parent else "/"
    category.path = f"{parent_path}{category.pk}/"
    category.save(update_fields=["path"])
    return category


def make_product(**fields):
    number = next(_numbers)
    fields = {
        "name": f"Product {number}",
        "slug": f"product-{number}",
        "currency": "INR",
    } | fields
    fields.setdefault("category", None) or fields.update(category=make_category())
    return Product.objects.create(**fields)


def make_variant(*, price="100.00", on_hand=10, reserved=0, product=None, watched=False, **fields):
    """A sellable variant with stock; prices, stock flag and attributes of its product follow.

    Only a `watched` one opens alerts of low stock.
    """
    product = product or make_product()
    fields = {"sku": f"SKU-{next(_numbers)}", "price": price, "product": product} | fields
    variant = Variant.objects.create(**fields)
    threshold = variant.low_stock_threshold if watched else None
    Stock.objects.create(
        variant=variant, on_hand=on_hand, reserved=reserved, alert_threshold=threshold
    )
    product.base_price = product.price = price
    product.in_stock = product.in_stock or on_hand > reserved
    product.save()
    refresh_attributes(product_ids=[product.pk])
    variant.refresh_from_db()
    return variant


def make_seller(**fields):
    fields = {"slug": f"shop-{next(_numbers)}", "name": "Shop", "status": "approved"} | fields
    user = make_user(is_seller=fields["status"] == "approved")
    return Seller.objects.create(user=user, **fields)


def make_review(*, product=None, user=None, rating=4, **fields):
    """A review that was really written: its product's rating follows it."""
    product = product or make_variant().product
    return write_review(product_id=product.pk, user=user or make_user(), rating=rating, **fields)


def make_upload(kind="PNG", size=(40, 30), name="mine.png", mode="RGB", **options):
    """An upload of a red picture, with the options of Pillow's encoder."""
    written = BytesIO()
    Image.new(mode, size, "red").save(written, kind, **options)
    return SimpleUploadedFile(name, written.getvalue())
