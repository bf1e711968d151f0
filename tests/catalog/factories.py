"""Plain makers of catalogue rows; each argument is what a test wants to say."""

from itertools import count

from catalog.models import Category, Product, Stock, Variant

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


def make_variant(*, price="100.00", on_hand=10, reserved=0, product=None, **fields):
    """A sellable variant with stock; its product's prices and stock flag follow it."""
    product = product or make_product()
    fields = {"sku": f"SKU-{next(_numbers)}", "price": price, "product": product} | fields
    variant = Variant.objects.create(**fields)
    Stock.objects.create(variant=variant, on_hand=on_hand, reserved=reserved)
    product.base_price = product.price = price
    product.in_stock = product.in_stock or on_hand > reserved
    product.save()
    variant.refresh_from_db()
    return variant
