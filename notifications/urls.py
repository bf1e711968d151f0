from django.urls import path
from rest_framework.routers import SimpleRouter

from .views.events import FeedView
from .views.notices import NotificationViewSet, PreferencesView
from .views.unsubscribing import UnsubscribeView
from .views.webhooks import DeliveriesView, RedeliverView, WebhookEndpointViewSet

router = SimpleRouter(use_regex_path=False)
router.register("notifications", NotificationViewSet, basename="notification")
router.register("webhook-endpoints", WebhookEndpointViewSet, basename="webhook-endpoint")

_deliveries = "webhook-endpoints/<uuid:id>/deliveries/"

urlpatterns = [
    path("notifications/preferences/", PreferencesView.as_view(), name="preferences"),
    path("notifications/unsubscribe/<str:token>/", UnsubscribeView.as_view(), name="unsubscribe"),
    path("events/", FeedView.as_view(), name="events"),
    path(_deliveries, DeliveriesView.as_view(), name="webhook-deliveries"),
    path(
        f"{_deliveries}<uuid:delivery_id>/redeliver/",
        RedeliverView.as_view(),
        name="webhook-redeliver",
    ),
    *router.urls,
]
