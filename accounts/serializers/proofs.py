"""Requests and responses about codes, resets, second factors and accounts elsewhere."""

from typing import Any

from rest_framework import serializers

from .people import CartIdField, PasswordField, PhoneField


class OtpSerializer(serializers.Serializer):
    otp = serializers.CharField(max_length=32, help_text="The six digits that were sent.")


class RecipientSerializer(serializers.Serializer):
    """One of e-mail and phone, as `recipient` in its one spelling."""

    email = serializers.EmailField(
        max_length=254, required=False, allow_null=True, allow_blank=True
    )
    phone = PhoneField(max_length=32, required=False, allow_null=True, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [attrs[field] for field in ("email", "phone") if attrs.get(field)]
        if len(given) != 1:
            raise serializers.ValidationError("Give one of email and phone.")
        recipient = given[0].strip().lower()
        if len(recipient) > 254:  # a capital may become two small signs
            raise serializers.ValidationError({"email": ["This e-mail address is too long."]})
        return attrs | {"recipient": recipient}


class VerifyResetSerializer(RecipientSerializer, OtpSerializer):
    pass


class ResetTokenSerializer(serializers.Serializer):
    reset_token = serializers.CharField(read_only=True)


class ConfirmResetSerializer(serializers.Serializer):
    reset_token = serializers.CharField(max_length=128, write_only=True)
    new_password = PasswordField()


class ChallengeSerializer(serializers.Serializer):
    """Who logs in has a second factor: answer the challenge at `auth/login/2fa/`."""

    two_factor_required = serializers.BooleanField(default=True, read_only=True)
    challenge = serializers.CharField(read_only=True)


class AnswerChallengeSerializer(serializers.Serializer):
    challenge = serializers.CharField(max_length=128, write_only=True)
    code = serializers.CharField(
        max_length=64, write_only=True, help_text="From the authenticator, or a recovery code."
    )
    cart_id = CartIdField(required=False, allow_null=True)


class TwoFactorSerializer(serializers.Serializer):
    """Whether two-factor login is on, and whether the shop asks for it."""

    enabled = serializers.BooleanField(read_only=True)
    required = serializers.BooleanField(read_only=True)
    recovery_codes_left = serializers.IntegerField(read_only=True)


class TotpSetupSerializer(serializers.Serializer):
    secret = serializers.CharField(read_only=True, help_text="Base32, to be typed.")
    otpauth_url = serializers.CharField(read_only=True)
    qr_svg = serializers.CharField(read_only=True, help_text="That address as an SVG picture.")


class ConfirmTotpSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=64, write_only=True)


class TurnOffTotpSerializer(serializers.Serializer):
    password = PasswordField(required=False, default="", allow_blank=True)
    code = serializers.CharField(
        max_length=64, write_only=True, help_text="From the authenticator, or a recovery code."
    )


class RecoveryCodesSerializer(serializers.Serializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Ten, shown this once."
    )


class SocialLoginSerializer(serializers.Serializer):
    id_token = serializers.CharField(max_length=8192, write_only=True)
    nonce = serializers.CharField(
        max_length=255, write_only=True, help_text="The one that the id_token was asked for with."
    )
    cart_id = CartIdField(required=False, allow_null=True)
