from .category import Category, CategoryQuerySet
from .image import ProductImage
from .product import Collection, Product, ProductQuerySet, Tag, Variant, VariantQuerySet
from .stock import MovementKind, Stock, StockAlert, StockMovement

__all__ = [
    "Category",
    "CategoryQuerySet",
    "Collection",
    "MovementKind",
    "Product",
    "ProductImage",
    "ProductQuerySet",
    "Stock",
    "StockAlert",
    "StockMovement",
    "Tag",
    "Variant",
    "VariantQuerySet",
]
