from .codes import still_clock  # noqa: F401
