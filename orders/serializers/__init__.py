from .asked import (
    CancelOrderSerializer,
    EditOrderSerializer,
    MakeShipmentSerializer,
    PlaceOrderSerializer,
)
from .shown import HistorySerializer, OrderSerializer, PlacedOrderSerializer

__all__ = [
    "CancelOrderSerializer",
    "EditOrderSerializer",
    "HistorySerializer",
    "MakeShipmentSerializer",
    "OrderSerializer",
    "PlaceOrderSerializer",
    "PlacedOrderSerializer",
]
