"""A product as a source tells of it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceProduct:
    """What an import knows of a product; (source, external_id) is its natural key."""

    source: str
    external_id: str
    name: str
    price: Decimal
    category_path: tuple[str, ...]
    sku: str = ""  # empty, or taken by another: made from the source and the id
    description: str = ""
    brand: str = ""
    barcode: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    stock: int = 0

    @property
    def fallback_sku(self) -> str:
        return f"{self.source}-{self.external_id}".upper()[:64]
