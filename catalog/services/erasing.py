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
    return StockRequest.objects.filter(pk__in=requests_of(email)).delete()[0]


def requests_of(email: str) -> list[int]:
    """Return the keys of what an address, in small letters, waits for."""
    if not email:
        return []
    found = StockRequest.objects.filter(email__iexact=email).values_list("pk", "email")
    # MariaDB finds "zoë" for "zoe", too.
    return [pk for pk, address in found if address.lower() == email]
