from django.urls import path
from rest_framework.routers import SimpleRouter

from .views.customers import CustomerHistoryView, CustomerViewSet, StatisticsView
from .views.documents import CreditNoteView, InvoiceView
from .views.fulfilment import ReorderView, ShipmentsView
from .views.orders import OrderViewSet
from .views.previews import PreviewView
from .views.returns import ReturnViewSet
from .views.sales import SalesView

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")
customers = SimpleRouter(use_regex_path=False)
customers.register("customers", CustomerViewSet, basename="customer")
returns = SimpleRouter(use_regex_path=False)
returns.register("returns", ReturnViewSet, basename="return")

urlpatterns = [
    path("checkout/preview/", PreviewView.as_view(), name="checkout-preview"),
    path("orders/<str:id>/invoice/", InvoiceView.as_view(), name="order-invoice"),
    path(
        "orders/<str:id>/credit-notes/<str:number>/",
        CreditNoteView.as_view(),
        name="order-credit-note",
    ),
    path("orders/<str:id>/reorder/", ReorderView.as_view(), name="order-reorder"),
    path("orders/<str:id>/shipments/", ShipmentsView.as_view(), name="order-shipments"),
    path("sales/", SalesView.as_view(), name="sales"),
    path("users/me/statistics/", StatisticsView.as_view(), name="statistics"),
    path("customers/<uuid:pk>/history/", CustomerHistoryView.as_view(), name="customer-history"),
    *customers.urls,
    *returns.urls,
    *router.urls,
]
