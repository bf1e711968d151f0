from .asked import CancelOrderSerializer, EditOrderSerializer, PlaceOrderSerializer
from .shown import HistorySerializer, OrderSerializer, PlacedOrderSerializer

__all__ = [
    "CancelOrderSerializer",
    "EditOrderSerializer",
    "HistorySerializer",
    "OrderSerializer",
    "PlaceOrderSerializer",
    "PlacedOrderSerializer",
]
