"""Messages to people: each is a row written in the transaction of its cause."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from config.audit import Audit


class MessageState(models.TextChoices):
    PENDING = "pending"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Channel(models.TextChoices):
    EMAIL = "email", "e-mail"
    SMS = "sms", "SMS"


class Message(models.Model):
    """A mail or SMS to one person, sent by a worker and repeated until it is taken or given up."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=40)
    # One message a cause and kind, however often the cause is told.
    cause = models.CharField(max_length=150, unique=True)
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.EMAIL)
    recipient = models.CharField(max_length=254)  # an e-mail address, or a phone as E.164
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="messages"
    )
    # Ids of what the template shows, such as {"order_id": "…"}.
    data = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    audit = Audit(name="kind", told=("kind", "channel", "status"))

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="message_to_send")]

    def __str__(self) -> str:
        # Without the recipient: the log of the admin keeps names of rows.
        return f"{self.kind.replace('_', ' ')} by {self.get_channel_display()}"


class MailTemplate(Message):
    """What mails of a kind look like: a page of its own in the admin, without rows of its own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "mail template"
