"""What an order remembers of the quote that it was placed at."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings

from carts import pricing
from carts.models import CartItem
from carts.services.quotes import Quote
from config.money import format_money

from ..models import Order, OrderLine


def amounts_of(quote: Quote) -> dict[str, object]:
    """Return what an order remembers of its quote."""
    totals, method = quote.totals, quote.method
    assert method is not None  # noqa: S101  as the quote was asked with a method
    return {
        "currency": totals.currency,
        "prices_include_tax": settings.PRICES_INCLUDE_TAX,
        "subtotal": totals.subtotal,
        "discount_amount": totals.discount_amount,
        "shipping_cost": totals.shipping_cost,
        "tax_amount": totals.tax_amount,
        "total_amount": totals.total_amount,
        "tax_lines": tax_lines_of(totals.tax_lines, totals.currency),
        "discounts": [_discount(discount, totals.currency) for discount in totals.discounts],
        "refused": _refused(totals.refused),
        "shipping_method_id": method.pk,
        "shipping_method_name": method.name,
    }


def snapshots_of(order: Order, items: list[CartItem], totals: pricing.Totals) -> list[OrderLine]:
    return [
        _snapshot(order, position, item, priced)
        for position, (item, priced) in enumerate(zip(items, totals.lines, strict=True), start=1)
    ]


def _snapshot(order: Order, position: int, item: CartItem, priced: pricing.PricedLine) -> OrderLine:
    variant, product = item.variant, item.variant.product
    return OrderLine(
        order=order,
        position=position,
        product=product,
        variant=variant,
        sku=variant.sku,
        name=product.name,
        variant_name=variant.name,
        attributes=variant.attributes,
        hsn_code=product.hsn_code,
        quantity=item.quantity,
        unit_price=priced.line.unit_price,
        line_total=priced.line_total,
        discount_amount=priced.discount_amount,
        tax_amount=priced.tax_amount,
        tax_parts=tax_lines_of(priced.tax_parts, order.currency),
    )


def tax_lines_of(parts: Iterable[pricing.TaxLine], currency: str) -> list[dict[str, str]]:
    """Return parts of tax as the API writes them."""
    return [
        {
            "name": part.name,
            "rate": _percent(part.rate),
            "amount": format_money(part.amount, currency),
        }
        for part in parts
    ]


def _discount(discount: pricing.Discount, currency: str) -> dict[str, str | None]:
    return {
        "code": discount.code,
        "description": discount.description,
        "kind": discount.kind,
        "amount": format_money(discount.amount, currency),
    }


def _refused(refused: pricing.Refused | None) -> dict[str, str] | None:
    if refused is None:
        return None
    return {"code": refused.code, "reason": str(refused.reason), "message": refused.message}


def _percent(rate: Decimal) -> str:
    """Write a rate with two decimals, and with more only where it has them."""
    short = rate.quantize(Decimal("0.01"))
    return str(short) if short == rate else f"{rate.normalize():f}"


def totals_of(order: Order, lines: list[OrderLine]) -> dict[str, Any]:
    """Return the totals that the order would have, as the API writes amounts."""

    def written(row: Order | OrderLine, *names: str) -> dict[str, str]:
        return {name: format_money(getattr(row, name), order.currency) for name in names}

    amounts = ("subtotal", "discount_amount", "shipping_cost", "tax_amount", "total_amount")
    line_amounts = ("unit_price", "discount_amount", "tax_amount", "line_total")
    items = [
        {
            "product": line.product_id,
            "variant": line.variant_id,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            **written(line, *line_amounts),
        }
        for line in lines
    ]
    return written(order, *amounts) | {"items": items}
