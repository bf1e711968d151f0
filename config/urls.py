"""Every address of the shop."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

from accounts.admin_password import change_own_password
from notifications.views.unsubscribing import unsubscribe_page
from payments.pages import show_order, test_payment

from . import errors, health
from .media import media

api = [
    path("", include("accounts.urls")),
    path("", include("catalog.urls")),
    path("", include("carts.urls")),
    path("", include("orders.urls")),
    path("", include("payments.urls")),
    path("", include("notifications.urls")),
    path("", include("analytics.urls")),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="docs"),
    path("api/redoc/", SpectacularRedocView.as_view(), name="redoc"),
    re_path(r"^api/", errors.not_found),
    path("health/live/", health.live),
    path("health/ready/", health.ready),
    path("payments/test/", test_payment, name="test-payment"),
    path("orders/<str:number>", show_order),
    path("unsubscribe/<str:token>", unsubscribe_page, name="unsubscribe-page"),
    path("media/<path:path>", media),
    # Before the page of the same address that would tell nobody.
    path("admin/password_change/", change_own_password),
    path("admin/", admin.site.urls),
]
