from . import accounts, customers, erasing, feed, staff

__all__ = ["accounts", "customers", "erasing", "feed", "staff"]
