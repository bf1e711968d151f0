"""Who is calling, by the access token in the Authorization header."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from .models import User


class TokenAuthentication(JWTAuthentication):
    """Knows active users by an access token made with their present password."""

    def get_user(self, validated_token: Token) -> Any:  # noqa: ANN401
        try:
            user = super().get_user(validated_token)
        except (ValidationError, ValueError, TypeError):  # a user id that is no UUID
            raise InvalidToken()
        user.withhold_staff_rights()
        return user


def user_of(request: Request) -> User:
    """Return the user who is logged in, in a view that lets nobody else in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated()
    return request.user


class TokenScheme(OpenApiAuthenticationExtension):
    """Describes that header in the OpenAPI document."""

    target_class = TokenAuthentication
    name = "jwtAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ANN401
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
