"""What payments hold about a person, for their export: of cards what may be shown of them."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import F

from accounts.models import User
from accounts.services.exporting import CHUNK, Part, Row
from config.money import format_money
from orders.services.exporting import orders_of

from ..models import GatewayCustomer, Payment, Refund, SavedMethod


def _payments(user: User) -> Iterable[Row]:
    rows = Payment.objects.filter(order__in=orders_of(user)).order_by("created_at", "pk")
    found = rows.values(
        "id",
        "gateway",
        "amount",
        "currency",
        "status",
        "method",
        "error",
        "amount_captured",
        "amount_refunded",
        "gateway_payment_id",
        "created_at",
        order_number=F("order__number"),
    )
    return map(_with_amounts, found.iterator(CHUNK))


def _refunds(user: User) -> Iterable[Row]:
    rows = Refund.objects.filter(payment__order__in=orders_of(user)).order_by("created_at", "pk")
    found = rows.values(
        "id",
        "payment_id",
        "amount",
        "status",
        "reason",
        "created_at",
        currency=F("payment__currency"),
        order_number=F("payment__order__number"),
    )
    return map(_with_amounts, found.iterator(CHUNK))


def _with_amounts(row: Row) -> Row:
    """Write each amount with the decimals of its currency."""
    amounts = {name: value for name, value in row.items() if isinstance(value, Decimal)}
    texts = {name: format_money(value, row["currency"]) for name, value in amounts.items()}
    return {**row, **texts}


def _saved_cards(user: User) -> Iterable[Row]:
    rows = SavedMethod.objects.filter(user=user).order_by("created_at", "pk")
    return rows.values("gateway", "brand", "last4", "exp_month", "exp_year", "created_at")


def _gateway_accounts(user: User) -> Iterable[Row]:
    rows = GatewayCustomer.objects.filter(user=user).order_by("gateway")
    return rows.values("gateway", "customer_id")


PARTS: dict[str, Part] = {
    "payments": _payments,
    "refunds": _refunds,
    "saved_cards": _saved_cards,
    "gateway_accounts": _gateway_accounts,
}
