"""Customers as staff see them, and what somebody ordered in all."""

from django.conf import settings
from rest_framework import serializers

from accounts.models import Membership, User
from accounts.serializers.people import UserSerializer
from config.money import MoneyField


class StatisticsSerializer(serializers.Serializer):
    """Own orders: counts over all of them, money over paid ones that were not cancelled."""

    order_count = serializers.IntegerField()
    total_spent = MoneyField(help_text="Less refunds.")
    average_order_value = MoneyField()
    pending_orders = serializers.IntegerField()
    delivered_orders = serializers.IntegerField()
    last_order_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField()


class CustomerSerializer(UserSerializer):
    """A customer's profile and what they ordered."""

    order_count = serializers.IntegerField(read_only=True)
    total_spent = MoneyField(read_only=True, help_text="Of paid orders, less refunds.")
    last_order_at = serializers.DateTimeField(read_only=True, allow_null=True)
    currency = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [
            *UserSerializer.Meta.fields,
            "is_active",
            "order_count",
            "total_spent",
            "last_order_at",
            "currency",
        ]
        read_only_fields = fields

    def get_currency(self, customer: User) -> str:
        return settings.STORE_CURRENCY


class ChangeCustomerSerializer(serializers.Serializer):
    membership = serializers.ChoiceField(choices=Membership.choices, required=False)
    is_active = serializers.BooleanField(required=False)
