"""Webhook endpoints and the log of what was sent to them."""

from typing import Any

from rest_framework import serializers

from ..models import EventType, WebhookDelivery, WebhookEndpoint


class WebhookEndpointSerializer(serializers.ModelSerializer):
    events = serializers.ListField(
        child=serializers.ChoiceField(EventType.choices),
        allow_empty=False,
        max_length=len(EventType.choices),
    )

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id",
            "url",
            "events",
            "is_active",
            "failing_since",
            "switched_off_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["failing_since", "switched_off_at", "created_at", "updated_at"]


class NewSecretSerializer(WebhookEndpointSerializer):
    """An endpoint with the secret that signs its webhooks, which no other answer shows."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookEndpointSerializer.Meta):
        fields = [*WebhookEndpointSerializer.Meta.fields, "secret"]

    def to_representation(self, instance: WebhookEndpoint) -> dict[str, Any]:
        return {**super().to_representation(instance), "secret": self.context["secret"]}


class DeliveredEventSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="event_id")
    type = serializers.ChoiceField(EventType.choices)


class WebhookDeliverySerializer(serializers.ModelSerializer):
    event = DeliveredEventSerializer()
    response = serializers.CharField(help_text="The beginning of the answer to the last try.")

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "event",
            "status",
            "attempts",
            "next_attempt_at",
            "response_status",
            "response",
            "latency_ms",
            "error",
            "created_at",
            "delivered_at",
        ]
