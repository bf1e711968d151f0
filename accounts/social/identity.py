"""What a provider says of a person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    subject: str  # the provider's own id, which never changes
    email: str
    is_email_verified: bool
    first_name: str
    last_name: str


class NotVerified(Exception):
    """The token is no proof: wrong, expired, or meant for somebody else."""


class ProviderUnavailable(Exception):
    """The provider's keys cannot be read now."""
