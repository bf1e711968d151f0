from . import alerts, groups, products, queries, reviews, stock

__all__ = ["alerts", "groups", "products", "queries", "reviews", "stock"]
