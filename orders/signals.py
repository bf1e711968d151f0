"""What happens to orders; receivers get `order_id` and run in the same transaction."""

from django.dispatch import Signal

order_placed = Signal()
order_confirmed = Signal()
order_paid = Signal()
order_status_changed = Signal()  # also from_status, to_status
order_cancelled = Signal()
shipment_sent = Signal()  # also shipment_id
