from .event import EventRecord, EventType, FeedHead
from .message import Channel, Message, MessageState
from .webhook import DeliveryState, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Channel",
    "DeliveryState",
    "EventRecord",
    "EventType",
    "FeedHead",
    "Message",
    "MessageState",
    "WebhookDelivery",
    "WebhookEndpoint",
]
