from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .views import auth
from .views.addresses import AddressViewSet
from .views.profile import MeView

router = SimpleRouter(use_regex_path=False)
router.register("addresses", AddressViewSet, basename="address")

urlpatterns = [
    path("auth/register/", auth.RegisterView.as_view(), name="register"),
    path("auth/login/", auth.LoginView.as_view(), name="login"),
    path("auth/logout/", auth.LogoutView.as_view(), name="logout"),
    path("auth/logout-all/", auth.LogoutAllView.as_view(), name="logout-all"),
    path("auth/token/refresh/", auth.RefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify/", auth.VerifyTokenView.as_view(), name="token-verify"),
    path("auth/email/verify/", auth.VerifyEmailView.as_view(), name="email-verify"),
    path("auth/email/resend/", auth.ResendEmailView.as_view(), name="email-resend"),
    path("auth/password/change/", auth.ChangePasswordView.as_view(), name="password-change"),
    path("users/me/", MeView.as_view(), name="me"),
    path("", include(router.urls)),
]
