"""What the lines of a cart cost at a moment, and at a destination where one is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from accounts.countries import required_fields
from config.errors import InvalidInput
from config.money import round_money

from .. import pricing
from ..models import BandBy, CartItem, ShippingMethod, ShippingZone, TaxRate
from .promotions import GUEST, Customer, load_promotions


@dataclass(frozen=True)
class Destination:
    """Where an order is sent; the state is its code where the country's list is known."""

    country: str
    state: str = ""
    postal_code: str = ""

    @property
    def is_taxable(self) -> bool:
        """Whether the state is known where the country has any: taxes go by it."""
        return bool(self.state) or "state" not in required_fields(self.country)


@dataclass(frozen=True)
class QuotedMethod:
    """A shipping method at the price that it has for these goods."""

    method: ShippingMethod
    price: Decimal


@dataclass(frozen=True)
class Quote:
    """Totals, the method that was chosen, and those that there are; None without a place."""

    totals: pricing.Totals
    method: ShippingMethod | None
    methods: list[QuotedMethod] | None
    is_taxed: bool


def quote_items(
    items: Iterable[CartItem],
    *,
    at: datetime,
    code: str | None = None,
    customer: Customer = GUEST,
    destination: Destination | None = None,
    shipping_method_id: int | None = None,
    is_placing: bool = False,
) -> Quote:
    """Price cart items as they are at a moment, less what promotions and a code take off.

    The items come `with_variants`. Raises InvalidInput on `shipping_method` where it does not
    serve the destination. Placing an order locks what it may use up of coupons.
    """
    items = list(items)
    lines = [_line(item, at) for item in items]
    methods = methods_for(lines, destination=destination) if destination else None
    chosen = None
    if methods is not None and shipping_method_id is not None:
        chosen = _choose(methods, shipping_method_id)
    is_taxable = destination and (is_placing or destination.is_taxable)
    taxes = load_taxes(destination) if destination and is_taxable else None
    totals = pricing.calculate(
        lines,
        currency=settings.STORE_CURRENCY,
        taxes=taxes,
        shipping=pricing.Shipping(chosen.price, chosen.method.tax_class) if chosen else None,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        promotions=load_promotions(
            items, code=code, customer=customer, at=at, is_placing=is_placing
        ),
        code=code,
    )
    return Quote(totals, chosen.method if chosen else None, methods, taxes is not None)


def quote_methods(
    items: Iterable[CartItem], *, at: datetime, destination: Destination
) -> list[QuotedMethod]:
    """Return the methods that serve a destination, at their prices for these cart items.

    The items come with `variant__product` loaded.
    """
    return methods_for([_line(item, at) for item in items], destination=destination)


def methods_for(lines: Iterable[pricing.Line], *, destination: Destination) -> list[QuotedMethod]:
    """Return the active methods that serve a destination, cheapest first."""
    lines = list(lines)
    subtotal = pricing.calculate(lines, currency=settings.STORE_CURRENCY).subtotal
    weight = sum(line.weight_grams * line.quantity for line in lines)
    quoted = [
        QuotedMethod(
            method, round_money(_price_of(method, subtotal, weight), settings.STORE_CURRENCY)
        )
        for zone in _zones_of(destination)
        for method in zone.methods.all()
        if method.is_active
    ]
    return sorted(quoted, key=lambda quote: (quote.price, quote.method.pk))


def load_taxes(destination: Destination) -> pricing.Taxes:
    """Return the tax parts of each class at a destination; a state's row beats the country's."""
    rows = TaxRate.objects.filter(
        country=destination.country, state__in={"", destination.state}, is_active=True
    ).order_by("state")  # the country's rows first, so that the state's replace them
    return {row.tax_class: _parts(row) for row in rows}


def _parts(row: TaxRate) -> tuple[pricing.TaxPart, ...]:
    if not row.parts:
        return (pricing.TaxPart("Tax", row.rate),)
    return tuple(pricing.TaxPart(part["name"], Decimal(part["rate"])) for part in row.parts)


def _line(item: CartItem, at: datetime) -> pricing.Line:
    product = item.variant.product
    return pricing.Line(
        key=item.pk,
        unit_price=item.variant.price_at(at),
        quantity=item.quantity,
        tax_class=product.tax_class,
        weight_grams=product.weight_grams,
    )


def _choose(quoted: list[QuotedMethod], method_id: int) -> QuotedMethod:
    for quote in quoted:
        if quote.method.pk == method_id:
            return quote
    raise InvalidInput(
        shipping_method="This method does not serve the address. See GET shipping-methods/."
    )


def _zones_of(destination: Destination) -> list[ShippingZone]:
    """Return the zones of a place: those that name its postal code beat those of countries."""
    zones = [
        zone
        for zone in ShippingZone.objects.prefetch_related("methods")
        if not zone.countries or destination.country in zone.countries
    ]
    by_code = [
        zone
        for zone in zones
        if any(_matches(pattern, destination.postal_code) for pattern in zone.postal_codes)
    ]
    return by_code or [zone for zone in zones if not zone.postal_codes]


def _matches(pattern: str, postal_code: str) -> bool:
    """Tell whether a postal code is within "560001-560100", begins as "11*", or is the same."""
    code = _squeeze(postal_code)
    if not code:
        return False
    first, dash, last = pattern.partition("-")
    first, last = _squeeze(first), _squeeze(last)
    if dash:
        return len(first) == len(code) == len(last) and first <= code <= last
    if pattern.rstrip().endswith("*"):
        return code.startswith(first)
    return code == first


def _squeeze(text: str) -> str:
    """Keep what distinguishes postal codes: "sw1a 1aa" is SW1A1AA, and "00-950" is 00950."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _price_of(method: ShippingMethod, subtotal: Decimal, weight: int) -> Decimal:
    if method.free_from is not None and subtotal >= method.free_from:
        return Decimal(0)
    measure = subtotal if method.band_by == BandBy.SUBTOTAL else Decimal(weight)
    for band in sorted(method.bands, key=lambda band: Decimal(band["up_to"])):
        if measure <= Decimal(band["up_to"]):
            return Decimal(band["price"])
    return method.price
