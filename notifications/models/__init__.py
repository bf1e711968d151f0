from .event import EventRecord, EventType, FeedHead
from .message import Message, MessageState
from .webhook import DeliveryState, WebhookDelivery, WebhookEndpoint

__all__ = [
    "DeliveryState",
    "EventRecord",
    "EventType",
    "FeedHead",
    "Message",
    "MessageState",
    "WebhookDelivery",
    "WebhookEndpoint",
]
