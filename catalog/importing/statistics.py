"""Lets the database know how large the catalogue has become."""

from config.bulk import refresh_statistics

from ..models import (
    Product,
    ProductAttribute,
    SearchDocument,
    SearchWord,
    Stock,
    StockMovement,
    Variant,
)

LARGE = 1000  # fewer rows change no plan, and PostgreSQL looks by itself a minute later
_TABLES = (
    Product,
    Variant,
    Stock,
    StockMovement,
    ProductAttribute,
    SearchDocument,
    SearchWord,
)


def refresh_after(written: int) -> None:
    """Refresh the statistics of the catalogue's tables where an import has written many rows."""
    if written >= LARGE:
        refresh_statistics(*_TABLES)
