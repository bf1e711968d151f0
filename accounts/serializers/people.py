"""Requests and responses about users and their tokens."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from rest_framework import serializers

from ..identifiers import kind_of, normalise_phone, normalise_username, spell
from ..models import Seller, User


class PhoneField(serializers.CharField):
    """A phone number, taken in any usual spelling and kept as E.164."""

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401
        try:
            return normalise_phone(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error))


class UsernameField(serializers.CharField):
    """Letters, digits and . + - _, not only digits; compared without case."""

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401
        try:
            return normalise_username(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error))


class CartIdField(serializers.UUIDField):
    """A guest's cart; what is no UUID names no cart and is ignored."""

    def run_validation(self, data: Any = serializers.empty) -> UUID | None:  # noqa: ANN401
        try:
            return super().run_validation(data)
        except serializers.ValidationError:
            return None


class PasswordField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(
            max_length=128,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            **kwargs,
        )


class ProfileFieldsSerializer(serializers.Serializer):
    """What people say about themselves."""

    email = serializers.EmailField(
        max_length=254, required=False, allow_null=True, allow_blank=True
    )
    username = UsernameField(max_length=150, required=False, allow_null=True, allow_blank=True)
    phone = PhoneField(max_length=32, required=False, allow_null=True, allow_blank=True)
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    date_of_birth = serializers.DateField(required=False, allow_null=True)

    def validate_email(self, value: str | None) -> str | None:
        if value and len(value.lower()) > 254:  # a capital may become two small signs
            raise serializers.ValidationError("This e-mail address is too long.")
        return value

    def validate_date_of_birth(self, value: Any) -> Any:  # noqa: ANN401
        if value and value.year < 1900:
            raise serializers.ValidationError("Give a date since 1900.")
        if value and value > timezone.localdate():
            raise serializers.ValidationError("Give a date that has passed.")
        return value


class UpdateProfileSerializer(ProfileFieldsSerializer):
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class RegisterSerializer(ProfileFieldsSerializer):
    password = PasswordField()
    cart_id = CartIdField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("email") or attrs.get("phone")):
            message = "Give an e-mail address or a phone number."
            raise serializers.ValidationError({"email": [message]})
        profile = {k: v for k, v in attrs.items() if k not in ("password", "cart_id")}
        require_good_password(attrs["password"], User(**profile), field="password")
        return attrs


class LoginSerializer(serializers.Serializer):
    """One of e-mail, username and phone, and the password."""

    email = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    username = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    phone = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    password = serializers.CharField(trim_whitespace=False, write_only=True)
    cart_id = CartIdField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {f: attrs[f] for f in ("email", "username", "phone") if attrs.get(f)}
        if len(given) != 1:
            raise serializers.ValidationError("Give one of email, username and phone.")
        ((field, value),) = given.items()
        kind = kind_of(value) if field == "username" else field
        return attrs | {"identifier": {kind: spell(kind, value)}}


def require_good_password(password: str, user: User, *, field: str) -> None:
    """Raise ValidationError on `field` for a password that this user should not have."""
    try:
        validate_password(password, user)
    except DjangoValidationError as error:
        raise serializers.ValidationError({field: error.messages})


class ChangePasswordSerializer(serializers.Serializer):
    current_password = PasswordField()
    new_password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = self.context["request"].user
        require_good_password(attrs["new_password"], user, field="new_password")
        return attrs


class ConfirmPasswordSerializer(serializers.Serializer):
    """The password, which who has none leaves out."""

    password = PasswordField(required=False, default="", allow_blank=True)


class RefreshSerializer(serializers.Serializer):
    refresh = serializers.CharField(write_only=True)


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(write_only=True)


class OwnSellerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Seller
        fields = ["id", "slug", "status"]
        read_only_fields = fields


class UserSerializer(serializers.ModelSerializer):
    """A user's own profile."""

    role = serializers.ChoiceField(choices=["customer", "seller", "staff", "admin"], read_only=True)
    groups: serializers.Field = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )
    seller = OwnSellerSerializer(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "username",
            "phone",
            "first_name",
            "last_name",
            "date_of_birth",
            "membership",
            "role",
            "email_verified",
            "phone_verified",
            "two_factor_enabled",
            "language",
            "groups",
            "seller",
            "date_joined",
        ]
        read_only_fields = fields


class TokenPairSerializer(serializers.Serializer):
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


class SessionSerializer(TokenPairSerializer):
    """Somebody who has just logged in, and their first pair of tokens."""

    user = UserSerializer(read_only=True)
