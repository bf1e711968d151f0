"""Staff set another password for themselves, by the rules of the API."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from rest_framework.exceptions import Throttled
from unfold.forms import AdminOwnPasswordChangeForm

from .models import User
from .services.passwords import set_password
from .throttles import AttemptLimit


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Counts guesses, ends what the password before opened, and tells its owner."""

    def clean_old_password(self) -> str:
        limit = AttemptLimit("login", str(self.user.pk))
        try:
            limit.count()
        except Throttled as refusal:
            raise ValidationError(f"Too many attempts. Try again in {refusal.wait} seconds.")
        password = super().clean_old_password()
        limit.give_back()
        return password

    def save(self, commit: bool = True) -> User:
        user = super().save(commit=False)
        set_password(user_id=user.pk, new_hash=user.password)
        return user


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        return super().get_context_data(**kwargs) | admin.site.each_context(self.request)


change_own_password = admin.site.admin_view(OwnPasswordView.as_view())
