"""Logging in to the admin, held to the same limits as logging in to the API."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from rest_framework.exceptions import Throttled
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from .models import User
from .services.two_factor import check_second_factor
from .throttles import AttemptLimit, address_of


class LoginForm(AuthenticationForm):
    """Asks for the second factor, too, and counts attempts.

    All by address, those that failed by address and identifier, wrong codes by person.
    """

    code = forms.CharField(
        label="Code of your authenticator, or a recovery code",
        help_text="Leave it empty if your account has no two-factor login.",
        required=False,
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": " ".join(BASE_INPUT_CLASSES)}
        ),
    )

    def clean(self) -> dict[str, Any]:
        name = str(self.cleaned_data.get("username", "")).strip().lower()
        address = address_of(self.request)
        kind = "email" if "@" in name else "username"
        limit = AttemptLimit("login", address, kind, name)  # the one that the API counts
        try:
            AttemptLimit("login_address", address).count()
            limit.count()
        except Throttled as refusal:
            raise ValidationError(f"Too many attempts. Try again in {refusal.wait} seconds.")
        cleaned = super().clean()
        limit.give_back()
        return cleaned

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if not isinstance(user, User):
            raise self.get_invalid_login_error()
        if user.two_factor_enabled:
            self._check_code(user)
        elif user.must_have_second_factor:
            raise ValidationError(_SET_UP_FIRST, code="second_factor_missing")

    def _check_code(self, user: User) -> None:
        limit = AttemptLimit("two_factor", str(user.pk))
        try:
            limit.count()
        except Throttled as refusal:
            raise ValidationError(f"Too many wrong codes. Try again in {refusal.wait} seconds.")
        if not check_second_factor(user_id=user.pk, code=self.cleaned_data.get("code", "")):
            raise ValidationError(_WRONG_CODE, code="wrong_code")
        limit.give_back()


_WRONG_CODE = "The code is missing or not right. Each code works once."
_SET_UP_FIRST = (
    "Staff need two-factor login here. Turn it on for your account in the shop, or with "
    "POST /api/v1/auth/2fa/totp/ (see /api/docs/), and come back."
)
