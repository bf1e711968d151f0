from django.urls import path
from rest_framework.routers import SimpleRouter

from .views.fulfilment import ShipmentsView
from .views.invoices import InvoiceView
from .views.orders import OrderViewSet
from .views.previews import PreviewView

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")

urlpatterns = [
    path("checkout/preview/", PreviewView.as_view(), name="checkout-preview"),
    path("orders/<str:id>/invoice/", InvoiceView.as_view(), name="order-invoice"),
    path("orders/<str:id>/shipments/", ShipmentsView.as_view(), name="order-shipments"),
    *router.urls,
]
