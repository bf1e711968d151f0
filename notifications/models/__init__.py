from .event import EventRecord, EventType, FeedHead
from .message import Channel, MailTemplate, Message, MessageState
from .webhook import DeliveryState, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Channel",
    "DeliveryState",
    "EventRecord",
    "EventType",
    "FeedHead",
    "MailTemplate",
    "Message",
    "MessageState",
    "WebhookDelivery",
    "WebhookEndpoint",
]
