from django.urls import path
from rest_framework.routers import SimpleRouter

from .method_views import SavedMethodViewSet
from .store_views import StoreView
from .views import (
    InitiatePaymentView,
    PaymentStatusView,
    PaymentViewSet,
    ReturnView,
    VerifyPaymentView,
)
from .webhooks import WebhookView

router = SimpleRouter(use_regex_path=False)
router.register("payments", PaymentViewSet, basename="payment")
router.register("payment-methods", SavedMethodViewSet, basename="payment-method")

urlpatterns = [
    path("payments/initiate/", InitiatePaymentView.as_view(), name="payment-initiate"),
    path("payments/create-payment-intent/", InitiatePaymentView.as_view()),
    path("payments/verify/", VerifyPaymentView.as_view(), name="payment-verify"),
    path("payments/verify/<uuid:id>/", ReturnView.as_view(), name="payment-return"),
    path("payments/webhooks/<str:gateway>/", WebhookView.as_view(), name="payment-webhook"),
    path("payments/status/<str:order_id>/", PaymentStatusView.as_view(), name="payment-status"),
    path("store/", StoreView.as_view(), name="store"),
    *router.urls,
]
