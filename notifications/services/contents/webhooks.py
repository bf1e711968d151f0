"""What mails about an endpoint of webhooks show."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from ...models import Message, WebhookEndpoint


def show_endpoint(message: Message) -> dict[str, Any]:
    endpoint = WebhookEndpoint.objects.get(pk=message.data["endpoint_id"])
    path = reverse("admin:notifications_webhookendpoint_change", args=[endpoint.pk])
    return {"endpoint": endpoint, "endpoint_url": settings.SITE_URL + path}
