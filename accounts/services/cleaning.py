"""What is left of codes, grants and challenges that nobody can use any more."""

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
