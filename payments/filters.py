import django_filters

from .models import Payment, PaymentState


class PaymentFilter(django_filters.FilterSet):
    order = django_filters.UUIDFilter(field_name="order_id")
    status = django_filters.ChoiceFilter(choices=PaymentState.choices)

    class Meta:
        model = Payment
        fields = ["order", "gateway", "status"]
