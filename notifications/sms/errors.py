class Refused(Exception):
    """The provider will never take this message."""
