"""What happens to money; receivers get ids and run in the same transaction."""

from django.dispatch import Signal

payment_succeeded = Signal()  # payment_id
payment_failed = Signal()  # payment_id
payment_needs_person = Signal()  # payment_id
payment_refunded = Signal()  # refund_id
refund_requested = Signal()  # refund_id
