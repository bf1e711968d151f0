from . import alerts, groups, products, stock

__all__ = ["alerts", "groups", "products", "stock"]
