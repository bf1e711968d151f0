"""People who have not been here for so long that the shop shall forget them."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from config.transactions import retried

from ..models import RefreshToken, User
from .profiles import erase_user

_MOST_AT_ONCE = 1000


def erase_inactive_users() -> int:
    """Erase customers not seen for INACTIVE_ACCOUNT_DAYS, 0 being never; return how many."""
    if not settings.INACTIVE_ACCOUNT_DAYS:
        return 0
    oldest = _inactive().order_by("date_joined").values_list("pk", flat=True)
    return sum(_erase_if_inactive(user_id) for user_id in list(oldest[:_MOST_AT_ONCE]))


@retried
@transaction.atomic
def _erase_if_inactive(user_id: UUID) -> bool:
    User.objects.select_for_update().get(pk=user_id)  # whoever logs in now, waits
    if not _inactive().filter(pk=user_id).exists():
        return False
    erase_user(user_id=user_id)
    return True


def _inactive() -> QuerySet[User]:
    """Keep customers with an address or phone of whom nothing was seen for so long."""
    now = timezone.now()
    seen_before = now - timedelta(days=settings.INACTIVE_ACCOUNT_DAYS)
    live = RefreshToken.objects.filter(user=OuterRef("pk"), revoked_at=None, expires_at__gt=now)
    return User.objects.filter(
        Q(last_login__lt=seen_before) | Q(last_login=None),
        Q(email_key__isnull=False) | Q(phone__isnull=False),
        ~Exists(live),
        date_joined__lt=seen_before,
        is_staff=False,
        is_superuser=False,
        is_seller=False,
    )
