from . import erasing, feed, mails

__all__ = ["erasing", "feed", "mails"]
