from . import accounts, customers, feed, staff

__all__ = ["accounts", "customers", "feed", "staff"]
