from .category import Category, CategoryQuerySet
from .image import ProductImage
from .product import Collection, Product, ProductQuerySet, Tag, Variant, VariantQuerySet
from .search import SearchDocument, SearchRecount, SearchRename, SearchSpelling, SearchWord
from .stock import MovementKind, Stock, StockMovement

__all__ = [
    "Category",
    "CategoryQuerySet",
    "Collection",
    "MovementKind",
    "Product",
    "ProductImage",
    "ProductQuerySet",
    "SearchDocument",
    "SearchRecount",
    "SearchRename",
    "SearchSpelling",
    "SearchWord",
    "Stock",
    "StockMovement",
    "Tag",
    "Variant",
    "VariantQuerySet",
]
