"""What happens to orders; receivers get ids and run in the same transaction.

Where nothing else is said they get `order_id`.
"""

from django.dispatch import Signal

order_placed = Signal()
order_confirmed = Signal()
order_paid = Signal()
order_status_changed = Signal()  # also from_status, to_status
order_cancelled = Signal()
shipment_sent = Signal()  # also shipment_id
return_requested = Signal()  # return_id
return_approved = Signal()  # return_id, amount
return_rejected = Signal()  # return_id
# order_ids: what names their customers was erased; erase what else you keep about these orders
orders_erased = Signal()
