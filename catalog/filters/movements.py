"""How the ledger of stock and its alerts narrow."""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.http import QueryDict
from rest_framework.serializers import ValidationError

from ..models import MovementKind, Product, StockAlert, StockMovement
from .values import by_id_or_slug, is_id, narrow, read_boolean, read_moment


def filter_movements(rows: QuerySet[StockMovement], query: QueryDict) -> QuerySet[StockMovement]:
    """Narrow the ledger by variant, product, type and time."""
    return narrow(rows, query, _MOVEMENT_FILTERS)


def filter_alerts(rows: QuerySet[StockAlert], query: QueryDict) -> QuerySet[StockAlert]:
    """Narrow alerts of low stock by variant, and by whether they are open or acknowledged."""
    return narrow(rows, query, _ALERT_FILTERS)


def _of_variant(value: str) -> Q:
    if not is_id(value):
        raise ValidationError("Give the id of a variant.")
    return Q(variant=int(value))


def _of_product(value: str) -> Q:
    return Q(variant__product__in=Product.objects.filter(by_id_or_slug(value)))


def _of_kind(value: str) -> Q:
    if value not in MovementKind.values:
        raise ValidationError(f"Give one of {', '.join(MovementKind.values)}.")
    return Q(kind=value)


_MOVEMENT_FILTERS: dict[str, Callable[[str], Q]] = {
    "variant": _of_variant,
    "product": _of_product,
    "type": _of_kind,
    "created_after": lambda value: Q(created_at__gte=read_moment(value)),
    "created_before": lambda value: Q(created_at__lt=read_moment(value)),
}

_ALERT_FILTERS: dict[str, Callable[[str], Q]] = {
    "variant": _of_variant,
    "open": lambda value: Q(open_for__isnull=not read_boolean(value)),
    "acknowledged": lambda value: Q(acknowledged_at__isnull=not read_boolean(value)),
}
