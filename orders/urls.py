from django.urls import path
from rest_framework.routers import SimpleRouter

from .views import OrderViewSet, PreviewView

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")

urlpatterns = [
    path("checkout/preview/", PreviewView.as_view(), name="checkout-preview"),
    *router.urls,
]
