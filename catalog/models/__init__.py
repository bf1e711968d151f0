from .attribute import ProductAttribute
from .category import Category, CategoryQuerySet
from .image import ProductImage
from .interest import Like, StockRequest, StockRequestQuerySet
from .old_slug import OldSlug
from .product import Collection, Product, ProductQuerySet, Tag, Variant, VariantQuerySet
from .query import SearchedQuery, SuggestedQuery
from .review import HelpfulVote, Review, ReviewQuerySet
from .search import SearchDocument, SearchRecount, SearchRename, SearchWord
from .stock import MovementKind, Stock, StockAlert, StockMovement

__all__ = [
    "Category",
    "CategoryQuerySet",
    "Collection",
    "HelpfulVote",
    "Like",
    "MovementKind",
    "OldSlug",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "ProductQuerySet",
    "Review",
    "ReviewQuerySet",
    "SearchDocument",
    "SearchRecount",
    "SearchRename",
    "SearchWord",
    "SearchedQuery",
    "Stock",
    "StockAlert",
    "StockMovement",
    "StockRequest",
    "StockRequestQuerySet",
    "SuggestedQuery",
    "Tag",
    "Variant",
    "VariantQuerySet",
]
