from .cancellation_document import CancellationDocument, CancellationLine
from .figures import CustomerFigures
from .history import MAX_NOTE, ActorKind, OrderHistory
from .invoice import CreditNote, Invoice, NumberSeries
from .order import SHOWN, Order, OrderLine, OrderQuerySet, OrderStatus, PaymentStatus
from .returns import ReturnLine, ReturnQuerySet, ReturnRequest, ReturnStatus
from .shipment import MAX_TRACKING, Shipment, ShipmentLine

__all__ = [
    "MAX_NOTE",
    "MAX_TRACKING",
    "SHOWN",
    "ActorKind",
    "CancellationDocument",
    "CancellationLine",
    "CreditNote",
    "CustomerFigures",
    "Invoice",
    "NumberSeries",
    "Order",
    "OrderHistory",
    "OrderLine",
    "OrderQuerySet",
    "OrderStatus",
    "PaymentStatus",
    "ReturnLine",
    "ReturnQuerySet",
    "ReturnRequest",
    "ReturnStatus",
    "Shipment",
    "ShipmentLine",
]
