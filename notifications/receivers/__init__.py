from . import feed, mails

__all__ = ["feed", "mails"]
