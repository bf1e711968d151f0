"""Which promotions count for a purchase, what each takes off, and why a code does not.

A discount is computed on undiscounted lines, rounded once over those that are eligible, and split
over them by largest remainder. Of all stackable promotions together and each other one alone,
what takes most off counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.money import format_money, minor_unit, round_money

from .parts import ZERO, Line
from .promotions import Bar, Discount, Promotion, Reason, Refused


@dataclass(frozen=True)
class Choice:
    """The discounts that count: by promotion, and by line in the order of the lines."""

    discounts: tuple[Discount, ...]
    by_line: tuple[Decimal, ...]
    on_shipping: Decimal

    @property
    def has_code(self) -> bool:
        return any(discount.code for discount in self.discounts)

    @property
    def worth(self) -> tuple[Decimal, bool, int]:
        """Order choices by what they take off; among equals the customer's code counts."""
        taken = sum(self.by_line, self.on_shipping)
        return taken, self.has_code, len(self.discounts)


@dataclass(frozen=True)
class _Offer:
    """What a promotion would take off by itself."""

    promotion: Promotion
    bar: Bar | None
    by_line: tuple[Decimal, ...]
    frees_shipping: bool

    @property
    def is_idle(self) -> bool:
        return not self.frees_shipping and not any(self.by_line)


def choose_discounts(
    lines: Sequence[Line],
    promotions: Iterable[Promotion],
    *,
    shipping_cost: Decimal | None,
    code: str | None,
    currency: str,
) -> tuple[Choice, Refused | None]:
    """Return the discounts that are best for the customer, and why `code` is not among them."""
    offers = [_offer(promotion, lines, shipping_cost, currency) for promotion in promotions]
    usable = [offer for offer in offers if not offer.bar and not offer.is_idle]
    stackable = [offer for offer in usable if offer.promotion.stackable]
    alone = [[offer] for offer in usable if not offer.promotion.stackable]
    choices = [_combine(some, lines, shipping_cost) for some in (stackable, *alone)]
    best = max(choices, key=lambda choice: choice.worth)
    return best, _refusal(code, offers, best) if code else None


def _offer(
    promotion: Promotion, lines: Sequence[Line], shipping_cost: Decimal | None, currency: str
) -> _Offer:
    bar = promotion.bar or _bar(promotion, lines, currency)
    if bar:
        return _Offer(promotion, bar, (), False)
    if promotion.is_for_shipping:
        return _Offer(promotion, None, (), shipping_cost != 0)
    weights = _weights(promotion, lines)
    amount = min(_amount(promotion, sum(weights, ZERO), currency), sum(weights, ZERO))
    return _Offer(promotion, None, split_by_weight(amount, weights, currency), False)


def _bar(promotion: Promotion, lines: Sequence[Line], currency: str) -> Bar | None:
    """Say what this purchase lacks for a promotion."""
    least = promotion.min_purchase
    if least is not None and sum((line.total for line in lines), ZERO) < least:
        text = f"{format_money(least, currency)} {currency}"
        return Bar(Reason.MIN_PURCHASE, f"It needs a purchase of {text} or more.")
    if not any(_is_eligible(promotion, line) for line in lines):
        return Bar(Reason.NOT_ELIGIBLE, "It is not for the articles in the cart.")
    return None


def _is_eligible(promotion: Promotion, line: Line) -> bool:
    return promotion.line_keys is None or line.key in promotion.line_keys


def _weights(promotion: Promotion, lines: Sequence[Line]) -> list[Decimal]:
    """Return by line the worth of the pieces that a promotion makes cheaper."""
    if promotion.discount_type == "buy_x_get_y":
        return _weights_of_sets(promotion, lines)
    return [line.total if _is_eligible(promotion, line) else ZERO for line in lines]


def _weights_of_sets(promotion: Promotion, lines: Sequence[Line]) -> list[Decimal]:
    """Weigh the cheapest of all eligible pieces, `get_quantity` for each complete set."""
    eligible = [place for place, line in enumerate(lines) if _is_eligible(promotion, line)]
    pieces = sum(lines[place].quantity for place in eligible)
    size = promotion.buy_quantity + promotion.get_quantity
    left = pieces // size * promotion.get_quantity if size else 0
    weights = [ZERO] * len(lines)
    for place in sorted(eligible, key=lambda place: lines[place].unit_price):
        taken = min(left, lines[place].quantity)
        weights[place] = lines[place].unit_price * taken
        left -= taken
    return weights


def _amount(promotion: Promotion, base: Decimal, currency: str) -> Decimal:
    is_fixed = promotion.discount_type == "fixed"
    amount = promotion.value if is_fixed else base * promotion.value / 100
    if promotion.max_discount is not None:
        amount = min(amount, promotion.max_discount)
    return round_money(amount, currency)


def split_by_weight(
    amount: Decimal, weights: Sequence[Decimal], currency: str
) -> tuple[Decimal, ...]:
    """Share an amount by weight in whole minor units: by largest remainder, so that they sum up.

    The amount and the weights are whole minor units, and no share is more than its weight.
    """
    unit = minor_unit(currency)
    units = [int(weight / unit) for weight in weights]
    whole = sum(units)
    if not whole:
        return tuple(ZERO for _ in weights)
    count = int(amount / unit)
    shares = [count * weight // whole for weight in units]
    by_remainder = sorted(range(len(units)), key=lambda i: (-(count * units[i] % whole), i))
    for place in by_remainder[: count - sum(shares)]:
        shares[place] += 1
    return tuple(share * unit for share in shares)


def _combine(
    offers: Iterable[_Offer], lines: Sequence[Line], shipping_cost: Decimal | None
) -> Choice:
    """Add offers up, together never more than a line or the cost of sending.

    Those without a code come first: a code that then takes nothing off is not used up.
    """
    left = [line.total for line in lines]
    is_shipping_left = True
    discounts: list[Discount] = []
    on_shipping = ZERO
    for offer in sorted(offers, key=lambda offer: offer.promotion.code is not None):
        if offer.frees_shipping and is_shipping_left:
            is_shipping_left = False
            on_shipping = shipping_cost or ZERO
            discounts.append(Discount(offer.promotion, on_shipping))
        taken = [min(share, rest) for share, rest in zip(offer.by_line, left, strict=False)]
        if any(taken):
            left = [rest - share for rest, share in zip(left, taken, strict=True)]
            discounts.append(Discount(offer.promotion, sum(taken, ZERO)))
    by_line = tuple(line.total - rest for line, rest in zip(lines, left, strict=True))
    return Choice(tuple(discounts), by_line, on_shipping)


def _refusal(code: str, offers: Iterable[_Offer], choice: Choice) -> Refused | None:
    """Say why a code is not among the discounts, or None where it is."""
    offer = next((offer for offer in offers if offer.promotion.code == code), None)
    if offer is None:
        return Refused(code, Reason.UNKNOWN, f"There is no code {code}.", True)
    if offer.bar:
        message = f"The code {code} cannot be used. {offer.bar.message}"
        return Refused(code, offer.bar.reason, message, True)
    if offer.is_idle:
        message = f"The code {code} takes nothing off this purchase."
        return Refused(code, Reason.NOT_ELIGIBLE, message, False)
    if any(discount.code == code for discount in choice.discounts):
        return None
    return Refused(code, Reason.BEATEN, f"Instead of the code {code} a better offer counts.", False)
