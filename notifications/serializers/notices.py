"""Notifications in the shop, preferences, and what a link of a mail did."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from ..models import Notification, Topic


class AboutSerializer(serializers.Serializer):
    """Ids of what a notification is about."""

    order = serializers.UUIDField(required=False)
    product = serializers.IntegerField(required=False)
    payment = serializers.UUIDField(required=False)


class NotificationSerializer(serializers.ModelSerializer):
    data = AboutSerializer()

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "body", "data", "read_at", "created_at"]
        read_only_fields = fields

    def to_representation(self, instance: Notification) -> dict[str, Any]:
        # As stored: the ids that there are, and no others.
        return super().to_representation(instance) | {"data": instance.data}


class UnreadCountSerializer(serializers.Serializer):
    unread_count = serializers.IntegerField()


class MarkedSerializer(serializers.Serializer):
    updated = serializers.IntegerField(help_text="How many were unread until now.")


class KnownFieldsSerializer(serializers.Serializer):
    """Refuses what it has no field for: a misspelt wish must not seem to be heard."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401
        if isinstance(data, dict) and (unknown := [key for key in data if key not in self.fields]):
            message = f"There is no such field. Choose from {', '.join(self.fields)}."
            raise serializers.ValidationError({key: [message] for key in unknown})
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    default_error_messages = {"invalid": "Give true or false."}

    def to_internal_value(self, data: Any) -> bool:  # noqa: ANN401
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class WaysSerializer(KnownFieldsSerializer):
    """By which ways somebody is told of a topic."""

    email = StrictBooleanField()
    in_app = StrictBooleanField()
    sms = StrictBooleanField(help_text="Heeded once the phone is verified.")


@extend_schema_serializer(component_name="NotificationPreferences")
class PreferencesSerializer(KnownFieldsSerializer):
    """By which ways somebody is told of each topic."""

    order_updates = WaysSerializer(
        help_text="Confirmations and payments are mailed whatever is chosen here."
    )
    promotions = WaysSerializer()
    cart_reminders = WaysSerializer()
    stock_alerts = WaysSerializer()


class UndoSerializer(serializers.Serializer):
    undo = serializers.BooleanField(default=False, help_text="Take it back: mails go on.")


class UnsubscribedSerializer(serializers.Serializer):
    topic = serializers.ChoiceField(Topic.choices)
    email = serializers.CharField(help_text="Masked.")
    unsubscribed = serializers.BooleanField()
