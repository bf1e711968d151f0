"""Links in mails that end the mails of a topic without a login.

A token names a user, or the hash of an address without an account; never an address, since
addresses of pages are logged. It works for ever: old mails are opened, too.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from config.errors import NotFound

from ..models import Channel, Message, Suppression, Topic
from ..models.preference import refusable_topic
from .preferences import account_of, set_preferences

_REFUSED = "This link is not valid. Take the one from the newest mail, or log in and choose there."


@dataclass(frozen=True)
class Subscription:
    """The mails of a topic to somebody, of whom either the user or the key is known."""

    topic: Topic
    email: str  # masked
    user_id: UUID | None = None
    key_hash: str = ""


def token_for(message: Message) -> str | None:
    """Return what ends the mails of a message's topic; None where they cannot be refused."""
    topic = refusable_topic(message.kind)
    if topic is None or message.channel != Channel.EMAIL:
        return None
    if account_of(message.user):
        return _signer().sign_object([topic.value, str(message.user_id)])
    key = Suppression.key_of(topic, message.recipient)
    return _signer().sign_object([topic.value, "", key, mask(message.recipient)])


def page_for(token: str) -> str:
    """Return the address that the link in a mail leads to."""
    return settings.FRONTEND_URL + settings.FRONTEND_UNSUBSCRIBE_PATH.format(token=token)


def headers_for(message: Message) -> dict[str, str]:
    """Return the headers by which mail programs unsubscribe: with one click where it is https."""
    token = token_for(message)
    if token is None:
        return {}
    url = settings.SITE_URL + reverse("unsubscribe", args=[token])
    headers = {"List-Unsubscribe": f"<{url}>"}
    if url.startswith("https://"):  # RFC 8058 knows no other
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def read_token(token: str) -> Subscription:
    """Return whose mails a token is about, or raise NotFound."""
    try:
        topic, user_id, *rest = _signer().unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise NotFound(_REFUSED)
    if not user_id:
        key_hash, email = rest
        return Subscription(Topic(topic), email, key_hash=key_hash)
    user = User.objects.filter(pk=user_id, email__isnull=False).first()
    if user is None:  # erased: there is nobody left to write to
        raise NotFound(_REFUSED)
    return Subscription(Topic(topic), mask(user.email or ""), user_id=user.pk)


def unsubscribe(*, token: str) -> Subscription:
    """End the mails that a token is about; a second time changes nothing."""
    found = read_token(token)
    if found.user_id:
        _set_mails(found.user_id, found.topic, is_wanted=False)
    else:
        Suppression.objects.bulk_create(
            [Suppression(key_hash=found.key_hash)], ignore_conflicts=True
        )
    return found


def subscribe_again(*, token: str) -> Subscription:
    """Take back what `unsubscribe` did."""
    found = read_token(token)
    if found.user_id:
        _set_mails(found.user_id, found.topic, is_wanted=True)
    else:
        Suppression.objects.filter(key_hash=found.key_hash).delete()
    return found


def mask(email: str) -> str:
    """Show an address so that its owner knows it, and nobody else learns it."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}***@{domain}"


def _signer() -> signing.Signer:
    # Without a time: the links of a topic are the same in every mail.
    return signing.Signer(salt="notifications.unsubscribe")


def _set_mails(user_id: UUID, topic: Topic, *, is_wanted: bool) -> None:
    set_preferences(user_id=user_id, changes={topic: {"email": is_wanted}})
