from .cancellation_document import CancellationDocument, CancellationLine
from .history import ActorKind, OrderHistory
from .order import Order, OrderLine, OrderQuerySet, OrderStatus, PaymentStatus

__all__ = [
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
