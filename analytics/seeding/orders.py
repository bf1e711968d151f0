"""Past orders of the demonstration shop: delivered and paid, and they took nothing from stock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Address, AddressType, User
from carts import pricing
from carts.services.quotes import Destination, QuotedMethod, load_taxes, methods_for
from catalog.models import Variant
from config.importing import batched
from config.money import format_money
from config.transactions import retried
from orders.models import Order, OrderLine, OrderStatus, PaymentStatus
from orders.models.order import NUMBER_ALPHABET
from orders.services.figures import refresh_figures

from .people import SOURCE

BATCH = 100
_PAST_MINUTES = 90 * 24 * 60
_GUEST_SHARE = 0.1
_ADDRESS_FIELDS = (
    "full_name",
    "phone_number",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "postal_code",
    "country",
    "tax_number",
)


@dataclass(frozen=True)
class Sale:
    """An order with its lines, not written yet."""

    order: Order
    lines: list[OrderLine]


def add_orders(count: int, *, seed: int, step: Callable[[int], object] = lambda done: None) -> int:
    """Add those of the first `count` orders that are missing; return how many."""
    there = set(Order.objects.filter(external_source=SOURCE).values_list("external_id", flat=True))
    numbers = [number for number in range(1, count + 1) if str(number) not in there]
    if not numbers:
        return 0
    shelf = Shelf()
    if not (shelf.variants and shelf.addresses):
        return 0
    for batch in batched(numbers, BATCH):
        _write([shelf.sell(number, seed) for number in batch])
        step(len(batch))
    return len(numbers)


@retried
@transaction.atomic
def _write(sales: list[Sale]) -> None:
    Order.objects.bulk_create(sale.order for sale in sales)
    OrderLine.objects.bulk_create(line for sale in sales for line in sale.lines)
    refresh_figures(user_ids=[sale.order.user_id for sale in sales])


class Shelf:
    """What can be sold and to whom, read once for all orders."""

    def __init__(self) -> None:
        of_seed = Variant.objects.sellable().filter(product__external_source=SOURCE)
        self.variants = list(of_seed.select_related("product").order_by("sku"))
        of_customers = Address.objects.filter(
            user__external_source=SOURCE, address_type=AddressType.SHIPPING
        )
        addresses = list(of_customers.select_related("user"))
        self.addresses = sorted(addresses, key=lambda row: int(row.user.external_id or 0))
        self.now = timezone.now()
        self.taxes = cache(load_taxes)

    def sell(self, number: int, seed: int) -> Sale:
        """Invent past order `number`; some goods and some customers come up more often."""
        dice = Random(f"{seed}:order:{number}")  # noqa: S311
        address = self.addresses[int(len(self.addresses) * dice.random() ** 1.6)]
        user = None if dice.random() < _GUEST_SHARE else address.user
        places = {int(len(self.variants) * dice.random() ** 2) for _ in range(dice.randint(1, 4))}
        bought = [(self.variants[place], dice.choice((1, 1, 1, 2, 3))) for place in sorted(places)]
        destination = Destination(address.country, address.state, address.postal_code)
        lines = [_priced_line(variant, pieces) for variant, pieces in bought]
        quoted = methods_for(lines, destination=destination)
        chosen = dice.choice(quoted) if quoted else None
        totals = pricing.calculate(
            lines,
            currency=settings.STORE_CURRENCY,
            taxes=self.taxes(destination),
            shipping=pricing.Shipping(chosen.price, chosen.method.tax_class)
            if chosen
            else pricing.Shipping(Decimal(0)),
            prices_include_tax=settings.PRICES_INCLUDE_TAX,
        )
        order = _order(number, address, user, totals, chosen, self.now, dice)
        return Sale(order, list(_lines(order, bought, totals)))


def _priced_line(variant: Variant, pieces: int) -> pricing.Line:
    return pricing.Line(
        key=variant.pk,
        unit_price=variant.price,
        quantity=pieces,
        tax_class=variant.product.tax_class,
        weight_grams=variant.product.weight_grams,
    )


def _order(
    number: int,
    address: Address,
    user: User | None,
    totals: pricing.Totals,
    chosen: QuotedMethod | None,
    now: datetime,
    dice: Random,
) -> Order:
    created = now - timedelta(minutes=dice.randint(90, _PAST_MINUTES))
    shipped = min(created + timedelta(hours=dice.randint(4, 40)), now)
    signs = "".join(dice.choices(NUMBER_ALPHABET, k=6))
    written = {name: getattr(address, name) for name in _ADDRESS_FIELDS}
    return Order(
        number=f"ORD-{timezone.localdate(created):%Y%m%d}-{signs}",
        user=user,
        email=user.email or "" if user else f"guest{number}@example.com",
        status=OrderStatus.DELIVERED,
        payment_status=PaymentStatus.PAID,
        currency=totals.currency,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        subtotal=totals.subtotal,
        discount_amount=totals.discount_amount,
        shipping_cost=totals.shipping_cost or 0,
        tax_amount=totals.tax_amount or 0,
        total_amount=totals.total_amount or 0,
        amount_paid=totals.total_amount or 0,
        tax_lines=_tax_lines(totals.tax_lines, totals.currency),
        shipping_address=written,
        billing_address=written,
        ship_country=address.country,
        shipping_method_id=chosen.method.pk if chosen else None,
        shipping_method_name=chosen.method.name if chosen else "",
        created_at=created,
        paid_at=created + timedelta(minutes=dice.randint(1, 20)),
        shipped_at=shipped,
        delivered_at=min(shipped + timedelta(hours=dice.randint(20, 120)), now),
        external_source=SOURCE,
        external_id=str(number),
    )


def _lines(
    order: Order, bought: list[tuple[Variant, int]], totals: pricing.Totals
) -> Iterable[OrderLine]:
    for position, ((variant, pieces), priced) in enumerate(
        zip(bought, totals.lines, strict=True), 1
    ):
        yield OrderLine(
            order=order,
            position=position,
            product=variant.product,
            variant=variant,
            sku=variant.sku,
            name=variant.product.name,
            variant_name=variant.name,
            attributes=variant.attributes,
            hsn_code=variant.product.hsn_code,
            quantity=pieces,
            shipped_quantity=pieces,
            unit_price=priced.line.unit_price,
            line_total=priced.line_total,
            discount_amount=priced.discount_amount,
            tax_amount=priced.tax_amount,
            tax_parts=_tax_lines(priced.tax_parts, totals.currency),
        )


def _tax_lines(parts: Iterable[pricing.TaxLine], currency: str) -> list[dict[str, str]]:
    return [
        {
            "name": part.name,
            "rate": f"{part.rate:.2f}",
            "amount": format_money(part.amount, currency),
        }
        for part in parts
    ]
