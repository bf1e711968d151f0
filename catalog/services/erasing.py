"""What the catalogue keeps of people who were erased: words and counts, and nobody's name."""

from uuid import UUID

from django.db import transaction

from ..models import HelpfulVote, Like, Review, StockRequest


@transaction.atomic
def erase_traces(*, user_id: UUID, email: str) -> None:
    """Take a person's name off reviews, votes and likes, and forget what they waited for."""
    for model in (Review, HelpfulVote, Like):
        model._default_manager.filter(user=user_id).update(user=None)
    StockRequest.objects.by_person(user_id, email).delete()
