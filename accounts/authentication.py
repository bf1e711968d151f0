"""Who is calling, by the access token in the Authorization header."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from .models import User


class TokenAuthentication(JWTAuthentication):
    """Knows active users by an access token made with their present password."""

    def get_user(self, validated_token: Token) -> User:
        try:
            return super().get_user(validated_token)
        except (ValidationError, ValueError, TypeError):  # a user id that is no UUID
            raise InvalidToken()


class TokenScheme(OpenApiAuthenticationExtension):
    """Describes that header in the OpenAPI document."""

    target_class = TokenAuthentication
    name = "jwtAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ANN401
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
