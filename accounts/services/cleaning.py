"""What is left of codes, grants, challenges and sessions that nobody can use any more."""

from django.contrib.sessions.models import Session
from django.utils import timezone

from ..models import LoginChallenge, OneTimeCode, ResetGrant


def delete_expired_proofs() -> int:
    """Delete expired codes, grants and challenges; return how many."""
    now = timezone.now()
    expired = [
        rows.filter(expires_at__lte=now).delete()[0]
        for rows in (OneTimeCode.objects, ResetGrant.objects, LoginChallenge.objects)
    ]
    return sum(expired)


def delete_expired_sessions() -> int:
    """Delete expired sessions of the admin; return how many."""
    return Session.objects.filter(expire_date__lte=timezone.now()).delete()[0]
