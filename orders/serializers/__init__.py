from .asked import (
    CancelOrderSerializer,
    EditOrderSerializer,
    MakeShipmentSerializer,
    PlaceOrderSerializer,
    PreviewOrderSerializer,
)
from .previewed import PreviewSerializer
from .shown import HistorySerializer, OrderSerializer, PlacedOrderSerializer

__all__ = [
    "CancelOrderSerializer",
    "EditOrderSerializer",
    "HistorySerializer",
    "MakeShipmentSerializer",
    "OrderSerializer",
    "PlaceOrderSerializer",
    "PlacedOrderSerializer",
    "PreviewOrderSerializer",
    "PreviewSerializer",
]
