"""Locking a payment below its order, and what any service may do to it then."""

from uuid import UUID

from django.db import transaction

from accounts.services.auditing import audited, track
from config.errors import NotFound
from config.events import emit
from config.transactions import retried
from orders.models import Order
from orders.services.lifecycle import lock_order

from .. import signals
from ..errors import SaysOtherwise
from ..models import Payment


def lock_payment(payment_id: UUID) -> tuple[Order, Payment]:
    """Return a payment and its order, both under a lock, or raise NotFound."""
    order_id = Payment.objects.filter(pk=payment_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound()
    order = lock_order(order_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    return order, track(payment)


def ask_for_person(payment: Payment, why: str) -> None:
    """Mark a locked payment as one that staff must look at, and tell it once."""
    why = " ".join(why.split())[:255].rstrip()
    if payment.needs_person == why:
        return
    payment.needs_person = why
    payment.save(update_fields=["needs_person", "updated_at"])
    emit(signals.payment_needs_person, payment_id=payment.pk)


@retried
@transaction.atomic
@audited()
def note_seen(*, payment_id: UUID, why: str) -> None:
    """Take the mark off a payment that staff have looked at, or refuse where it says more now."""
    order, payment = lock_payment(payment_id)
    payment.order = order
    if payment.needs_person not in ("", why):
        raise SaysOtherwise()
    track(payment, "looked_at").needs_person = ""
    payment.save(update_fields=["needs_person", "updated_at"])
