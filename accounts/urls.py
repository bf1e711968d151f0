from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .views import auth, codes, two_factor
from .views.addresses import AddressViewSet
from .views.export import ExportView
from .views.profile import MeView
from .views.social import SocialLoginView

router = SimpleRouter(use_regex_path=False)
router.register("addresses", AddressViewSet, basename="address")

urlpatterns = [
    path("auth/register/", auth.RegisterView.as_view(), name="register"),
    path("auth/login/", auth.LoginView.as_view(), name="login"),
    path("auth/login/2fa/", two_factor.AnswerChallengeView.as_view(), name="login-2fa"),
    path("auth/social/<str:provider>/", SocialLoginView.as_view(), name="social-login"),
    path("auth/logout/", auth.LogoutView.as_view(), name="logout"),
    path("auth/logout-all/", auth.LogoutAllView.as_view(), name="logout-all"),
    path("auth/token/refresh/", auth.RefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify/", auth.VerifyTokenView.as_view(), name="token-verify"),
    path("auth/email/verify/", auth.VerifyEmailView.as_view(), name="email-verify"),
    path("auth/email/resend/", auth.ResendEmailView.as_view(), name="email-resend"),
    path("auth/phone/verify/", codes.VerifyPhoneView.as_view(), name="phone-verify"),
    path("auth/phone/resend/", codes.ResendPhoneView.as_view(), name="phone-resend"),
    path("auth/password/change/", auth.ChangePasswordView.as_view(), name="password-change"),
    path("auth/password/reset/", codes.AskResetView.as_view(), name="password-reset"),
    path(
        "auth/password/reset/verify/", codes.VerifyResetView.as_view(), name="password-reset-verify"
    ),
    path(
        "auth/password/reset/confirm/",
        codes.ConfirmResetView.as_view(),
        name="password-reset-confirm",
    ),
    path("auth/2fa/", two_factor.TwoFactorView.as_view(), name="two-factor"),
    path("auth/2fa/totp/", two_factor.TotpView.as_view(), name="totp"),
    path("auth/2fa/totp/confirm/", two_factor.ConfirmTotpView.as_view(), name="totp-confirm"),
    path("auth/2fa/recovery-codes/", two_factor.RecoveryCodesView.as_view(), name="recovery-codes"),
    path("users/me/", MeView.as_view(), name="me"),
    path("users/me/export/", ExportView.as_view(), name="export"),
    path("", include(router.urls)),
]
