"""By which ways somebody wants to be told of a topic."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.models import User
from config.errors import NotFound
from config.transactions import retried
from orders.models import Order

from ..models import Channel, Message, Preference, Suppression, Topic
from ..models.preference import ALWAYS_MAILED, DEFAULTS, TOPIC_OF, refusable_topic


def preferences_of(user: User) -> dict[str, Preference]:
    """Return what somebody wants of every topic."""
    said = {row.topic: row for row in Preference.objects.filter(user=user)}
    return {topic: said.get(topic) or Preference.unsaid(topic) for topic in Topic.values}


@retried
@transaction.atomic
def set_preferences(*, user_id: UUID, changes: Mapping[str, Mapping[str, bool]]) -> None:
    """Change the ways that are named, `{topic: {way: whether}}`, and no other."""
    if not User.objects.select_for_update().filter(pk=user_id, erased_at=None):
        raise NotFound()  # erased meanwhile
    for topic in sorted(changes):
        row, _ = Preference.objects.get_or_create(
            user_id=user_id, topic=topic, defaults=DEFAULTS[topic]
        )
        # Only what is named: another device may be changing the rest.
        Preference.objects.filter(pk=row.pk).update(**changes[topic])


@transaction.atomic
def erase_preferences(*, user_id: UUID) -> None:
    """Forget how a person wanted to be told; who refused news of orders still gets none."""
    own = Preference.objects.filter(user_id=user_id)
    if own.filter(topic=Topic.ORDER_UPDATES, email=False).exists():
        orders = Order.objects.filter(user_id=user_id, erased_at=None).exclude(email="")
        Suppression.objects.bulk_create(
            [
                Suppression(key_hash=Suppression.key_of(Topic.ORDER_UPDATES, email))
                for email in orders.values_list("email", flat=True).distinct()
            ],
            ignore_conflicts=True,
        )
    own.delete()


def ways_for(kind: str, *, user: User | None, email: str) -> set[str]:
    """Return the ways by which a person, or an address without an account, is told of a kind.

    Who has no e-mail address gets on the phone what others get by mail.
    """
    topic = TOPIC_OF[kind]
    user = account_of(user)
    ways = _ways_of_user(user, topic) if user else _ways_of_address(email, topic)
    if kind in ALWAYS_MAILED:
        ways.add("email")
    if "email" in ways and user and not user.email and _reads_sms(user):
        ways.add("sms")
    return ways


def account_of(user: User | None) -> User | None:
    """Return who chooses in an account; an erased person is an address, as a guest is."""
    return user if user and not user.erased_at else None


def is_refused(message: Message) -> bool:
    """Tell whether somebody refused this message since it was written."""
    is_mail = message.channel == Channel.EMAIL
    topic = refusable_topic(message.kind) if is_mail else TOPIC_OF.get(message.kind)
    if topic is None:
        return False
    return message.channel not in ways_for(message.kind, user=message.user, email=message.recipient)


def _ways_of_user(user: User, topic: Topic) -> set[str]:
    wish = Preference.objects.filter(user=user, topic=topic).first() or Preference.unsaid(topic)
    ways = {"email"} if wish.email else set()
    if not user.is_active:  # blocked or erased: nobody reads what is in the shop
        return ways
    if wish.in_app:
        ways.add("in_app")
    if wish.sms and _reads_sms(user):
        ways.add("sms")
    return ways


def _reads_sms(user: User) -> bool:
    return user.is_active and bool(user.phone) and user.phone_verified


def _ways_of_address(email: str, topic: Topic) -> set[str]:
    key = Suppression.key_of(topic, email)
    return set() if Suppression.objects.filter(key_hash=key).exists() else {"email"}
