from .events import EventRecordAdmin
from .messages import MailTemplateAdmin, MessageAdmin
from .webhooks import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = [
    "EventRecordAdmin",
    "MailTemplateAdmin",
    "MessageAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
