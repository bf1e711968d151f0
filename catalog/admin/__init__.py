from . import groups, products, stock

__all__ = ["groups", "products", "stock"]
