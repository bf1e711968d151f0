from .attribute import ProductAttribute
from .category import Category, CategoryQuerySet
from .image import ProductImage
from .product import Collection, Product, ProductQuerySet, Tag, Variant, VariantQuerySet
from .query import SearchedQuery, SuggestedQuery
from .stock import MovementKind, Stock, StockMovement

__all__ = [
    "Category",
    "CategoryQuerySet",
    "Collection",
    "MovementKind",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "ProductQuerySet",
    "SearchedQuery",
    "Stock",
    "StockMovement",
    "SuggestedQuery",
    "Tag",
    "Variant",
    "VariantQuerySet",
]
