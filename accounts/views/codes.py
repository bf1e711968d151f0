"""One-time codes: for a forgotten password, and for a phone."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.throttles import address_of

from ..authentication import user_of
from ..serializers.proofs import (
    ConfirmResetSerializer,
    OtpSerializer,
    RecipientSerializer,
    ResetTokenSerializer,
    VerifyResetSerializer,
)
from ..services.passwords import ask_reset, reset_password, verify_reset
from ..services.phones import resend_phone_code, verify_phone
from ..throttles import AttemptLimit
from .auth import NOTHING, OpenView


class AskResetView(OpenView):
    @extend_schema(request=RecipientSerializer, responses={202: NOTHING})
    def post(self, request: Request) -> Response:
        """Send a one-time code to an e-mail address or phone, if an account has it."""
        body = RecipientSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        recipient = body.validated_data["recipient"]
        AttemptLimit("otp_address", address_of(request)).count()
        AttemptLimit("otp", "reset", recipient).count()
        ask_reset(recipient=recipient)
        return Response(status=status.HTTP_202_ACCEPTED)


class VerifyResetView(OpenView):
    @extend_schema(request=VerifyResetSerializer, responses=ResetTokenSerializer)
    def post(self, request: Request) -> Response:
        """Exchange the code, within five tries, for a token that sets a password once."""
        body = VerifyResetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        AttemptLimit("otp_address", address_of(request)).count()
        fields = body.validated_data
        token = verify_reset(recipient=fields["recipient"], otp=fields["otp"])
        return Response(ResetTokenSerializer({"reset_token": token}).data)


class ConfirmResetView(OpenView):
    @extend_schema(request=ConfirmResetSerializer, responses={204: NOTHING})
    def post(self, request: Request) -> Response:
        """Set another password; every token given out before dies."""
        body = ConfirmResetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        reset_password(**body.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class VerifyPhoneView(APIView):
    @extend_schema(request=OtpSerializer, responses={204: NOTHING})
    def post(self, request: Request) -> Response:
        """Verify one's phone by the code from its SMS, within five tries."""
        body = OtpSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        verify_phone(user=user_of(request), otp=body.validated_data["otp"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResendPhoneView(APIView):
    @extend_schema(request=None, responses={202: NOTHING})
    def post(self, request: Request) -> Response:
        """Send another code to one's phone, unless it is verified; the one before dies."""
        user = user_of(request)
        AttemptLimit("otp", str(user.pk)).count()
        resend_phone_code(user_id=user.pk)
        return Response(status=status.HTTP_202_ACCEPTED)
