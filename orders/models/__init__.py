from .cancellation_document import CancellationDocument, CancellationLine
from .history import MAX_NOTE, ActorKind, OrderHistory
from .order import Order, OrderLine, OrderQuerySet, OrderStatus, PaymentStatus

__all__ = [
    "MAX_NOTE",
    "ActorKind",
    "CancellationDocument",
    "CancellationLine",
    "Order",
    "OrderHistory",
    "OrderLine",
    "OrderQuerySet",
    "OrderStatus",
    "PaymentStatus",
]
