from .category import Category, CategoryQuerySet
from .image import ProductImage
from .old_slug import OldSlug
from .product import Collection, Product, ProductQuerySet, Tag, Variant, VariantQuerySet
from .stock import MovementKind, Stock, StockMovement

__all__ = [
    "Category",
    "CategoryQuerySet",
    "Collection",
    "MovementKind",
    "OldSlug",
    "Product",
    "ProductImage",
    "ProductQuerySet",
    "Stock",
    "StockMovement",
    "Tag",
    "Variant",
    "VariantQuerySet",
]
