from . import alerts, groups, products, reviews, sellers, stock

__all__ = ["alerts", "groups", "products", "reviews", "sellers", "stock"]
