from .event import EventRecord, EventType, FeedHead
from .message import Channel, MailTemplate, Message, MessageState
from .notification import Notification, NotificationKind
from .preference import Preference, Suppression, Topic
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
    "Notification",
    "NotificationKind",
    "Preference",
    "Suppression",
    "Topic",
    "WebhookDelivery",
    "WebhookEndpoint",
]
