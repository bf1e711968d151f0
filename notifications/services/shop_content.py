"""What mails about orders, parcels and products show."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from accounts.countries import COUNTRIES, states_of
from catalog.models import Product, Variant
from config.money import format_money
from orders.models import Order, Shipment
from orders.services.access import token_of


def order_context(order: Order) -> dict[str, Any]:
    def amount(value: Decimal) -> str:
        return format_money(value, order.currency)

    return {
        "order": order,
        "order_url": _order_url(order),
        "lines": [
            {
                "name": line.name,
                "options": show_options(line.attributes),
                "quantity": line.quantity,
                "unit_price": amount(line.unit_price),
                "line_total": amount(line.line_total),
            }
            for line in order.lines.all()
        ],
        "totals": [(label, amount(value)) for label, value in _totals(order)],
        "total": show_amount(order.total_amount, order.currency),
        "address_lines": _address_lines(order.shipping_address),
    }


def product_context(data: dict[str, str]) -> dict[str, Any]:
    """Show a product, or the variant of it that is named, at today's price."""
    product, variant, now = Product.objects.get(pk=data["product_id"]), None, timezone.now()
    if "variant_id" in data:
        variant = Variant.objects.select_related("product").get(pk=data["variant_id"])
    price = variant.price_at(now) if variant else product.price_at(now, product.base_price)
    return {
        "product": product,
        "product_url": _product_url(product),
        "options": show_options(variant.attributes) if variant else "",
        "price": show_amount(price, product.currency),
        "is_lowest_price": variant is None,
    }


def show_options(attributes: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in attributes.items())


def shipment_context(shipment_id: str) -> dict[str, Any]:
    shipment = Shipment.objects.select_related("order").get(pk=shipment_id)
    rows = list(shipment.lines.select_related("line"))
    pieces = sum(line.quantity for line in shipment.order.lines.all())
    return {
        "shipment": shipment,
        "sent": [(row.quantity, row.line.name) for row in rows],
        "is_part": sum(row.quantity for row in rows) < pieces,
    }


def _totals(order: Order) -> list[tuple[str, Decimal]]:
    """Return the rows between the lines and the total, as label and amount."""
    rows = [("Subtotal", order.subtotal)]
    if order.discount_amount:
        label = f"Discount ({order.coupon_code})" if order.coupon_code else "Discount"
        rows.append((label, -order.discount_amount))
    rows.append(("Shipping", order.shipping_cost))
    suffix = " (included)" if order.prices_include_tax else ""
    rows += [
        (f"{line['name']} {Decimal(line['rate']).normalize():f} %{suffix}", Decimal(line["amount"]))
        for line in order.tax_lines
    ]
    return rows


def _address_lines(address: dict[str, str]) -> list[str]:
    place = " ".join(filter(None, [address.get("city"), address.get("postal_code")]))
    code, state = address.get("country", ""), address.get("state", "")
    region = ", ".join(filter(None, [states_of(code).get(state, state), COUNTRIES.get(code, code)]))
    first = [address.get(key) for key in ("full_name", "address_line1", "address_line2")]
    return [part for part in [*first, place, region] if part]


def show_amount(amount: Decimal, currency: str) -> str:
    return f"{currency} {format_money(amount, currency)}"


def _order_url(order: Order) -> str:
    url = order_page(order)
    return url if order.user_id else f"{url}?token={quote(token_of(order))}"


def order_page(order: Order) -> str:
    return settings.FRONTEND_URL + settings.FRONTEND_ORDER_PATH.format(number=order.number)


def _product_url(product: Product) -> str:
    return settings.FRONTEND_URL + settings.FRONTEND_PRODUCT_PATH.format(slug=product.slug)
