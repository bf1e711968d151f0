from . import alerts, groups, products, queries, reviews, sellers, stock

__all__ = ["alerts", "groups", "products", "queries", "reviews", "sellers", "stock"]
