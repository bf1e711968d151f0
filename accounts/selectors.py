"""Which people something concerns."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from .models import User


def staff_who_may(permission: str) -> QuerySet[User]:
    """Keep the staff who hold a permission such as "orders.view_order" and may use it now."""
    holders = ModelBackend().with_perm(permission).filter(is_staff=True)
    if settings.STAFF_TWO_FACTOR_REQUIRED:
        holders = holders.filter(two_factor_enabled=True)
    return holders
