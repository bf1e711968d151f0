from .events import EventRecordAdmin
from .messages import MessageAdmin
from .webhooks import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = ["EventRecordAdmin", "MessageAdmin", "WebhookDeliveryAdmin", "WebhookEndpointAdmin"]
