"""Promotions as one purchase sees them, what they take off, and what is said where they do not."""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .parts import ZERO


class Reason(StrEnum):
    """Why a code takes nothing off."""

    EXPIRED = "expired"
    NOT_STARTED = "not_started"
    EXHAUSTED = "exhausted"
    MIN_PURCHASE = "min_purchase"
    NOT_ELIGIBLE = "not_eligible"
    UNKNOWN = "unknown"
    BEATEN = "beaten"


@dataclass(frozen=True)
class Bar:
    """What keeps a promotion from being used at all."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class Promotion:
    """A coupon as one purchase sees it; without a code it applies by itself."""

    key: int
    discount_type: str
    value: Decimal = ZERO
    code: str | None = None
    description: str = ""
    min_purchase: Decimal | None = None
    max_discount: Decimal | None = None
    buy_quantity: int = 0
    get_quantity: int = 0
    stackable: bool = False
    # The lines that it is for; None for all.
    line_keys: frozenset[Hashable] | None = None
    # What its rows say against it: its time, its limits, its customer.
    bar: Bar | None = None

    @property
    def is_for_shipping(self) -> bool:
        return self.discount_type == "free_shipping"


@dataclass(frozen=True)
class Discount:
    """What one promotion takes off; free shipping takes zero while its cost is not known."""

    promotion: Promotion
    amount: Decimal

    @property
    def code(self) -> str | None:
        return self.promotion.code

    @property
    def description(self) -> str:
        return self.promotion.description

    @property
    def kind(self) -> str:
        return "shipping" if self.promotion.is_for_shipping else "item"


@dataclass(frozen=True)
class Refused:
    """A code that took nothing off, and why; one that is barred cannot be used at all."""

    code: str
    reason: Reason
    message: str
    is_barred: bool
