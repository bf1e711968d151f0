from . import groups, products, reviews, stock

__all__ = ["groups", "products", "reviews", "stock"]
