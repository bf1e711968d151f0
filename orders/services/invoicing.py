"""Invoices of what was sold, and credit notes of what was given back."""

from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from ..models import CreditNote, Invoice, Order
from .numbering import take_number


def make_invoice(order: Order) -> None:
    """Give a locked order its invoice, once; the number is the last lock of the transaction."""
    if Invoice.objects.filter(order=order).exists():
        return
    now = timezone.now()
    Invoice.objects.create(
        order=order,
        number=take_number("INV", now),
        seller={
            "name": settings.STORE_NAME,
            "address": settings.STORE_ADDRESS,
            "tax_number": settings.STORE_TAX_NUMBER,
            "country": settings.STORE_COUNTRY,
            "state": settings.STORE_STATE,
        },
        billing_address=order.billing_address,
        shipping_address=order.shipping_address,
        issued_at=now,
    )


def make_credit_note(order: Order, amount: Decimal, return_id: UUID | None = None) -> None:
    """Note money that went back on the invoice of a locked order, where it has one.

    It remembers the return that the money went back for. The number is the last lock of the
    transaction.
    """
    invoice = Invoice.objects.filter(order=order).first()
    if invoice is None:
        return
    now = timezone.now()
    CreditNote.objects.create(
        invoice=invoice,
        number=take_number("CRN", now),
        amount=amount,
        return_request_id=return_id,
        created_at=now,
    )
