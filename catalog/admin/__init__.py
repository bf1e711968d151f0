from . import alerts, groups, products, reviews, stock

__all__ = ["alerts", "groups", "products", "reviews", "stock"]
