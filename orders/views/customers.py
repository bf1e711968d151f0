"""Customers, served by the app that knows what they ordered."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import user_of
from accounts.models import User
from accounts.services.customers import update_customer

from ..filters import CustomerFilter, HistoryFilter
from ..models import Order
from ..permissions import HandlesCustomers, SeesCustomersOrders
from ..selectors import customers_with_figures, statistics_of
from ..serializers import OrderSerializer
from ..serializers.customers import (
    ChangeCustomerSerializer,
    CustomerSerializer,
    StatisticsSerializer,
)


class StatisticsView(APIView):
    @extend_schema(responses=StatisticsSerializer, tags=["users"])
    def get(self, request: Request) -> Response:
        """Sum up one's own orders."""
        return Response(StatisticsSerializer(statistics_of(user_of(request))).data)


@extend_schema(tags=["customers"])
class CustomerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Everybody who is neither staff nor erased."""

    queryset = User.objects.none()  # names the model to the schema
    serializer_class = CustomerSerializer
    permission_classes = [HandlesCustomers]
    filterset_class = CustomerFilter
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[User]:
        return customers_with_figures()

    @extend_schema(request=ChangeCustomerSerializer, responses=CustomerSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a customer; one who is made inactive is logged out everywhere."""
        customer = self.get_object()
        body = ChangeCustomerSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        update_customer(user_id=customer.pk, **body.validated_data)
        return Response(self.get_serializer(self.get_object()).data)


@extend_schema(summary="List a customer's orders", tags=["customers"])
class CustomerHistoryView(ListAPIView):
    queryset = Order.objects.none()
    serializer_class = OrderSerializer
    permission_classes = [SeesCustomersOrders]
    filterset_class = HistoryFilter

    def get_queryset(self) -> QuerySet[Order]:
        customer = get_object_or_404(User.objects.customers(), pk=self.kwargs["pk"])
        return Order.objects.owned_by(customer).with_lines()
