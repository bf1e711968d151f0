"""Logging in by e-mail, username or phone."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from .identifiers import kind_of, spell
from .models import User


class IdentifierBackend(ModelBackend):
    """Takes the e-mail, username or phone of an active user, and the password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **identifiers: Any,  # noqa: ANN401
    ) -> User | None:
        if username:
            kind = kind_of(username)
            identifiers = {kind: spell(kind, username)}
        user = User.objects.identified_by(**identifiers)
        if user is None:
            # As long as for a wrong password: the time must not tell who has an account.
            User().set_password(password)
            return None
        is_right = user.check_password(password or "")
        return user if is_right and self.user_can_authenticate(user) else None

    def get_user(self, user_id: Any) -> User | None:  # noqa: ANN401
        """Return the user of a session: no staff without the second factor that is asked for."""
        user = super().get_user(user_id)
        if user is not None:
            user.withhold_staff_rights()
        return user
