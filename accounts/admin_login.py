"""Logging in to the admin, held to the same limits as logging in to the API."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from rest_framework.exceptions import Throttled
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from config.throttles import address_of

from .errors import OtpInvalid, TwoFactorState
from .identifiers import kind_of, spell
from .models import User
from .services.two_factor import Setup, begin_setup, check_second_factor, confirm_setup
from .throttles import AttemptLimit


class LoginForm(AuthenticationForm):
    """Asks for the second factor, too, and counts attempts.

    All by address, those that failed by address and identifier, wrong codes by person.
    """

    # What an authenticator scans, where the shop asks for one and this person has none.
    setup: Setup | None = None
    code = forms.CharField(
        label="Code of your authenticator, or a recovery code",
        help_text="Leave it empty if your account has no two-factor login.",
        required=False,
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": " ".join(BASE_INPUT_CLASSES)}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail, phone or username"

    def clean(self) -> dict[str, Any]:
        name = str(self.cleaned_data.get("username", ""))
        address, kind = address_of(self.request), kind_of(name)
        limit = AttemptLimit("login", address, kind, spell(kind, name))  # as the API counts
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
            self._set_up(user)

    def _check_code(self, user: User) -> None:
        limit = AttemptLimit("two_factor", str(user.pk))
        try:
            limit.count()
        except Throttled as refusal:
            raise ValidationError(f"Too many wrong codes. Try again in {refusal.wait} seconds.")
        if not check_second_factor(user_id=user.pk, code=self.cleaned_data.get("code", "")):
            raise ValidationError(_WRONG_CODE, code="wrong_code")
        limit.give_back()

    def _set_up(self, user: User) -> None:
        """Show a key to scan, and let in who then comes with the first code of it."""
        code = self.cleaned_data.get("code", "")
        if not code:
            self.setup = begin_setup(user_id=user.pk)
            raise ValidationError(_SCAN_FIRST, code="second_factor_missing")
        try:
            codes = confirm_setup(user_id=user.pk, code=code)
        except (OtpInvalid, TwoFactorState):  # the latter where a twin was first
            raise ValidationError(_WRONG_CODE, code="wrong_code")
        user.refresh_from_db()  # the session begins with the second factor on
        messages.success(self.request, f"{_KEEP_CODES} {', '.join(codes)}")


_WRONG_CODE = "The code is missing or not right. Each code works once."
_SCAN_FIRST = (
    "Staff need two-factor login here. Scan this picture with an authenticator app, and log in "
    "again with the code that it shows."
)
_KEEP_CODES = (
    "Two-factor login is on. Write these recovery codes down, they are shown only now; each lets "
    "you in once without your authenticator:"
)
