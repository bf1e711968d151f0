"""Logging in to the admin, held to the same limits as logging in to the API."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import Throttled
from unfold.forms import AuthenticationForm

from .throttles import AttemptLimit, address_of


class LoginForm(AuthenticationForm):
    """Counts attempts by address, and failed ones by address and identifier."""

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
