from django.db.models import Q, QuerySet
from django.http import QueryDict
from rest_framework.serializers import ValidationError

from accounts.models import Seller, SellerStatus

from .values import narrow


def filter_sellers(sellers: QuerySet[Seller], query: QueryDict) -> QuerySet[Seller]:
    """Narrow sellers by status."""
    return narrow(sellers, query, {"status": _with_status})


def _with_status(value: str) -> Q:
    if value not in SellerStatus.values:
        raise ValidationError(f"Give one of {', '.join(SellerStatus.values)}.")
    return Q(status=value)
