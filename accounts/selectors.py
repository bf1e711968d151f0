"""Which people something concerns."""

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from .models import User


def staff_who_may(permission: str) -> QuerySet[User]:
    """Keep the staff who hold a permission such as "orders.view_order" and may use it now."""
    app, _, codename = permission.partition(".")
    granted = Permission.objects.filter(content_type__app_label=app, codename=codename)
    holds_it = (
        Q(is_superuser=True) | Q(user_permissions__in=granted) | Q(groups__permissions__in=granted)
    )
    holders = User.objects.filter(holds_it, is_staff=True, is_active=True).distinct()
    if settings.STAFF_TWO_FACTOR_REQUIRED:
        holders = holders.filter(two_factor_enabled=True)
    return holders
