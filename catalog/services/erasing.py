"""What the catalogue keeps of people who were erased: words and counts, and nobody's name."""

from uuid import UUID

from django.db import transaction

from ..models import HelpfulVote, Like, Review, StockRequest


@transaction.atomic
def erase_traces(*, user_id: UUID, email: str) -> None:
    """Take a person's name off reviews, votes and likes, and forget what they waited for."""
    for model in (Review, HelpfulVote, Like):
        model._default_manager.filter(user=user_id).update(user=None)
    StockRequest.objects.filter(user=user_id).delete()
    erase_requests(email=email)


@transaction.atomic
def erase_requests(*, email: str) -> int:
    """Forget what this address, in small letters, waited for; return how many products."""
    if not email:
        return 0
    found = StockRequest.objects.filter(email__iexact=email).values_list("pk", "email")
    # MariaDB finds "zoë" for "zoe", too.
    exact = [pk for pk, address in found if address.lower() == email]
    return StockRequest.objects.filter(pk__in=exact).delete()[0]
