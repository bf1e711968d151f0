"""What proves that somebody is who they say: codes, second factors, accounts elsewhere.

No row holds what opens a door: of tokens and recovery codes there are hashes, and the digits of
a one-time code are derived from its row and the shop's secret key. The key of an authenticator
is the exception that TOTP asks for.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q

from .people import User


class CodePurpose(models.TextChoices):
    RESET = "reset"  # to set another password
    PHONE = "phone"  # to verify a phone


class OneTimeCodeQuerySet(models.QuerySet["OneTimeCode"]):
    def live_at(self, now: datetime) -> OneTimeCodeQuerySet:
        """Keep codes that somebody may still use."""
        return self.filter(expires_at__gt=now, used_at=None)


class OneTimeCode(models.Model):
    """The one code of a purpose and a recipient; another one takes its row over."""

    # SHA-256 of purpose and recipient: unique on every database, whatever its collation.
    key = models.CharField(max_length=64, unique=True)
    # What tells this code from the one before; its digits are derived from it.
    seed = models.UUIDField(default=uuid4)
    purpose = models.CharField(max_length=10, choices=CodePurpose.choices)
    # An e-mail address or a phone: what somebody typed, whether it is known here or not.
    recipient = models.CharField(max_length=254)
    # Whose it is; a code for a recipient that nobody has is nobody's and never right.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="one_time_codes")
    # When that was looked up, which a worker does: until then it is unknown.
    addressed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = OneTimeCodeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.purpose}: {self.recipient}"

    @property
    def channel(self) -> str:
        """Where it is sent: "email" or "sms"."""
        return "email" if "@" in self.recipient else "sms"


class ResetGrant(models.Model):
    """The right to set a password once, of somebody who gave the right code."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="reset_grants")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.token_hash[:12]


class LoginChallenge(models.Model):
    """A login whose password was right and whose second factor is missing."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="login_challenges")
    # SHA-256 of the password's hash: a challenge dies with the password that it was got by.
    password_stamp = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.token_hash[:12]


class Authenticator(models.Model):
    """The app that shows a user's codes (TOTP); it counts once it has shown a right one."""

    user = models.OneToOneField(User, models.CASCADE, related_name="authenticator")
    key = models.CharField(max_length=40)  # in hex
    confirmed_at = models.DateTimeField(null=True)
    # The time step of the last code that was used: it and those before it are dead.
    last_step = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_unique"),
        ]

    def __str__(self) -> str:
        return self.code_hash[:12]


class SocialAccount(models.Model):
    """An account elsewhere that logs a user in here."""

    user = models.ForeignKey(User, models.CASCADE, related_name="social_accounts")
    provider = models.CharField(max_length=20)
    # The provider's own id of the person: addresses change hands, this does not.
    subject = models.CharField(max_length=255)
    # SHA-256 of provider and subject: collations would take different ones for equal.
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(subject=""), name="social_account_has_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.subject}"
