from .asked import (
    CancelOrderSerializer,
    EditOrderSerializer,
    PlaceOrderSerializer,
    PreviewOrderSerializer,
)
from .previewed import PreviewSerializer
from .shown import HistorySerializer, OrderSerializer, PlacedOrderSerializer

__all__ = [
    "CancelOrderSerializer",
    "EditOrderSerializer",
    "HistorySerializer",
    "OrderSerializer",
    "PlaceOrderSerializer",
    "PlacedOrderSerializer",
    "PreviewOrderSerializer",
    "PreviewSerializer",
]
