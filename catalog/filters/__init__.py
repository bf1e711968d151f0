from .movements import filter_alerts, filter_movements
from .products import ProductFilterBackend, filter_products
from .reviews import filter_reviews, order_reviews
from .sellers import filter_sellers
from .values import by_id_or_slug, read_boolean

__all__ = [
    "ProductFilterBackend",
    "by_id_or_slug",
    "filter_alerts",
    "filter_movements",
    "filter_products",
    "filter_reviews",
    "filter_sellers",
    "order_reviews",
    "read_boolean",
]
