from django_filters import ChoiceFilter, FilterSet

from .models import DeliveryState, WebhookDelivery


class DeliveryFilter(FilterSet):
    status = ChoiceFilter(choices=DeliveryState.choices)

    class Meta:
        model = WebhookDelivery
        fields = ["status"]
