"""How the list of orders narrows; values that do not parse are 400 with the field."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters.fields import IsoDateTimeField
from rest_framework.request import Request

from accounts.models import Membership, User

from .models import (
    Order,
    OrderLine,
    OrderQuerySet,
    OrderStatus,
    PaymentStatus,
    ReturnQuerySet,
    ReturnRequest,
    ReturnStatus,
)

_MOST_WORDS = 6
_SEARCHED = ("email_key", "username_key", "phone", "first_name", "last_name")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class MomentField(IsoDateTimeField):
    """A time that every database can compare with."""

    default_error_messages = {"invalid": "Give a time such as 2026-01-31T12:00:00Z, or a date."}

    def clean(self, value: Any) -> datetime | None:  # noqa: ANN401
        moment = super().clean(value)
        if moment is not None and not 1900 <= moment.year <= 9000:
            raise self.invalid()
        return moment

    def to_python(self, value: Any) -> datetime | None:  # noqa: ANN401
        try:
            return super().to_python(value)
        except (OverflowError, ValueError):
            raise self.invalid()

    def invalid(self) -> Exception:
        return ValidationError(self.error_messages["invalid"], code="invalid")


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class OrderOrdering(django_filters.OrderingFilter):
    """Orders end in the id, so that pages never overlap."""

    def filter(self, qs: QuerySet, value: list[str] | None) -> QuerySet:
        ordering = [self.get_ordering_value(word) for word in value or ["-created_at"]]
        ties = "-id" if ordering[0].startswith("-") else "id"
        return qs.order_by(*ordering, ties)


class OrderFilter(django_filters.FilterSet):
    mine = django_filters.TypedChoiceFilter(
        choices=[(word, word) for word in _BOOLEANS],
        coerce=_BOOLEANS.get,
        method="keep_mine",
        label="For staff: own orders only.",
    )
    status = django_filters.ChoiceFilter(choices=OrderStatus.choices)
    payment_status = django_filters.ChoiceFilter(choices=PaymentStatus.choices)
    min_total = django_filters.NumberFilter("total_amount", "gte", max_digits=14, decimal_places=3)
    max_total = django_filters.NumberFilter("total_amount", "lte", max_digits=14, decimal_places=3)
    created_after = MomentFilter("created_at", "gte")
    created_before = MomentFilter("created_at", "lte")
    search = django_filters.CharFilter(method="find", label="Number, e-mail or SKU.")
    ordering = OrderOrdering(fields=["created_at", "total_amount", "number"])

    class Meta:
        model = Order
        fields: list[str] = []

    request: Request

    def keep_mine(self, orders: OrderQuerySet, name: str, value: bool) -> OrderQuerySet:
        return orders.owned_by(self.request.user) if value else orders

    def find(self, orders: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        lines = OrderLine.objects.filter(order=OuterRef("pk"), sku__iexact=value)
        return orders.filter(Q(number__icontains=value) | Q(email__icontains=value) | Exists(lines))


class HistoryFilter(OrderFilter):
    """The filters of one customer's orders."""

    mine = None


class CustomerFilter(django_filters.FilterSet):
    membership = django_filters.ChoiceFilter(choices=Membership.choices)
    is_active = django_filters.TypedChoiceFilter(
        choices=[(word, word) for word in _BOOLEANS], coerce=_BOOLEANS.get
    )
    search = django_filters.CharFilter(method="find", label="Name, e-mail, username or phone.")
    ordering = OrderOrdering(
        fields=[
            ("created_at", "date_joined"),
            ("order_count", "order_count"),
            ("total_spent", "total_spent"),
            ("ordered_at", "last_order_at"),
            ("email_key", "email"),
        ]
    )

    class Meta:
        model = User
        fields: list[str] = []

    def find(self, customers: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Keep those of whom every word, of the first few, is found somewhere."""
        for word in value.split()[:_MOST_WORDS]:
            anywhere = [Q(**{f"{column}__icontains": word}) for column in _SEARCHED]
            customers = customers.filter(reduce(or_, anywhere))
        return customers


class ReturnFilter(django_filters.FilterSet):
    order = django_filters.CharFilter(method="of_order", label="The id or number of an order.")
    status = django_filters.ChoiceFilter(choices=ReturnStatus.choices)

    class Meta:
        model = ReturnRequest
        fields: list[str] = []

    def of_order(self, returns: ReturnQuerySet, name: str, value: str) -> ReturnQuerySet:
        return returns.filter(order__in=Order.objects.named(value))


class SaleFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter("order__status", choices=OrderStatus.choices)
    product = django_filters.NumberFilter(
        "product_id", label="The id of a product.", max_digits=18, decimal_places=0
    )
    created_after = MomentFilter("order__created_at", "gte")
    created_before = MomentFilter("order__created_at", "lte")

    class Meta:
        model = OrderLine
        fields: list[str] = []
