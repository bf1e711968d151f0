"""What people read in the shop itself: written here, read and deleted by them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.selectors import staff_who_may
from config.bulk import delete_rows
from config.errors import NotFound

from ..models import Notification

# Title and text of each kind, around the words that its cause gives. They name no person: what
# the shop must know of an erased one tells nothing here.
TEXTS = {
    "order_placed": ("We have your order {number}", "Thank you. It comes to {total}."),
    "order_confirmed": ("Your order {number} is confirmed", "We are getting it ready for you."),
    "order_processing": ("We are packing your order {number}", "It will leave us soon."),
    "order_shipped": ("Your order {number} is on its way", "{parcel}"),
    "order_delivered": ("Your order {number} was delivered", "We hope that you like it."),
    "order_cancelled": ("Your order {number} was cancelled", "{money}"),
    "order_returned": ("Your order {number} was returned", "All of it is back with us."),
    "return_approved": ("Your return of {number} was accepted", "{money} {why}"),
    "return_rejected": ("Your return of {number} was not accepted", "{why}"),
    "payment_received": ("We received your payment for {number}", "{amount}. Thank you."),
    "payment_failed": (
        "Your payment for {number} did not go through",
        "Nothing was charged. You can try again from your order.",
    ),
    "payment_refunded": (
        "Your refund for {number} is on its way",
        "{amount} goes back the way it came. Your bank may take a few working days to show it.",
    ),
    "back_in_stock": ("{product} is back in stock", "What you waited for can be bought again."),
    "abandoned_cart": ("Your cart is waiting", "Still in it: {things}."),
    "stock_low": ("Low stock: {things}", "{left}"),
    "daily_report": ("The report of {day} is there", "{summary}"),
    "payment_needs_person": ("A payment of {number} needs a person", "{why}"),
}
_BATCH = 500


def write_notices(
    *,
    users: Iterable[User],
    kind: str,
    cause: str,
    ids: Mapping[str, str],
    words: Mapping[str, Any],
) -> None:
    """Write the same text for each of some people, once a cause, in one statement."""
    title, body = (" ".join(text.format(**words).split()) for text in TEXTS[kind])
    Notification.objects.bulk_create(
        [
            Notification(
                user=user,
                kind=kind,
                cause=f"{kind}:{cause}",
                title=_shorten(title, 200),
                body=_shorten(body, 500),
                data=_shown_ids(ids),
            )
            for user in users
        ],
        ignore_conflicts=True,
    )


def tell_staff(
    *, permission: str, kind: str, cause: str, ids: Mapping[str, str], words: Mapping[str, Any]
) -> None:
    """Write a text for every active member of staff who holds a permission."""
    users = staff_who_may(permission).order_by("pk")
    write_notices(users=users, kind=kind, cause=cause, ids=ids, words=words)


def mark_read(*, notification: Notification) -> Notification:
    """Note when a notification was first read, or raise NotFound where it was deleted since."""
    same = Notification.objects.filter(pk=notification.pk, deleted_at=None)
    same.unread().update(read_at=timezone.now())
    found = same.first()
    if found is None:
        raise NotFound()
    return found


def mark_all_read(*, user: User) -> int:
    """Mark all that somebody has not read yet; return how many."""
    return Notification.objects.owned_by(user).unread().update(read_at=timezone.now())


def delete_notice(*, notification: Notification) -> None:
    """Delete what a notification says; that it was told is remembered, so it never comes back."""
    Notification.objects.filter(pk=notification.pk).update(
        deleted_at=timezone.now(), title="", body="", data={}
    )


def delete_old_notifications() -> int:
    """Delete what is NOTIFICATION_RETENTION_DAYS old, 0 being never; return how many."""
    if not settings.NOTIFICATION_RETENTION_DAYS:
        return 0
    kept_from = timezone.now() - timedelta(days=settings.NOTIFICATION_RETENTION_DAYS)
    old = Notification.objects.filter(created_at__lt=kept_from).order_by("created_at")
    return delete_rows(old, batch=_BATCH)


def erase_notices(*, user_id: UUID) -> None:
    """Delete what a person was told in the shop."""
    Notification.objects.filter(user_id=user_id).delete()


def name_some(names: list[str], most: int = 3) -> str:
    """Name the first few of some things and count the others."""
    named = ", ".join(names[:most])
    return f"{named} and {len(names) - most} more" if len(names) > most else named


def _shown_ids(ids: Mapping[str, str]) -> dict[str, Any]:
    """Name what a notification is about as the API does."""
    shown: dict[str, Any] = {
        name: ids[f"{name}_id"] for name in ("order", "payment") if f"{name}_id" in ids
    }
    if "product_id" in ids:
        shown["product"] = int(ids["product_id"])
    return shown


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
