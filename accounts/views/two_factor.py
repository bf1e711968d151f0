"""Two-factor login: its second step, and turning it on and off."""

from drf_spectacular.utils import OpenApiRequest, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.throttles import address_of

from ..authentication import user_of
from ..serializers.people import ConfirmPasswordSerializer, SessionSerializer
from ..serializers.proofs import (
    AnswerChallengeSerializer,
    ConfirmTotpSerializer,
    RecoveryCodesSerializer,
    TotpSetupSerializer,
    TurnOffTotpSerializer,
    TwoFactorSerializer,
)
from ..services.challenges import try_challenge
from ..services.sessions import finish_login
from ..services.two_factor import begin_setup, confirm_setup, renew_recovery_codes, turn_off
from ..throttles import AttemptLimit
from .auth import NOTHING, OpenView, claimed_carts, session_body


class AnswerChallengeView(OpenView):
    @extend_schema(request=AnswerChallengeSerializer, responses=SessionSerializer)
    def post(self, request: Request) -> Response:
        """Finish a login with a code; a challenge lives five minutes and five tries."""
        body = AnswerChallengeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        AttemptLimit("login_address", address_of(request)).count()
        challenge = try_challenge(token=fields["challenge"])
        # Of all challenges of a user together: who knows the password gets as many as he likes.
        limit = AttemptLimit("two_factor", str(challenge.user_id))
        limit.count()
        cart_ids = claimed_carts(request, fields.get("cart_id"))
        user, pair = finish_login(challenge=challenge, code=fields["code"], cart_ids=cart_ids)
        limit.give_back()
        return Response(session_body(user, pair))


class TwoFactorView(APIView):
    @extend_schema(responses=TwoFactorSerializer)
    def get(self, request: Request) -> Response:
        """Tell whether two-factor login is on."""
        user = user_of(request)
        state = {
            "enabled": user.two_factor_enabled,
            "required": user.must_have_second_factor,
            "recovery_codes_left": user.recovery_codes.filter(used_at=None).count(),
        }
        return Response(TwoFactorSerializer(state).data)


class TotpView(APIView):
    @extend_schema(request=None, responses=TotpSetupSerializer)
    def post(self, request: Request) -> Response:
        """Get a new key for an authenticator app; it counts once it is confirmed."""
        return Response(TotpSetupSerializer(begin_setup(user_id=user_of(request).pk)).data)

    @extend_schema(request=OpenApiRequest(TurnOffTotpSerializer), responses={204: NOTHING})
    def delete(self, request: Request) -> Response:
        """Turn two-factor login off, given `{"password", "code"}` as body."""
        body = TurnOffTotpSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_of(request)
        limits = [AttemptLimit(scope, str(user.pk)) for scope in ("login", "two_factor")]
        for limit in limits:
            limit.count()
        turn_off(user=user, **body.validated_data)
        for limit in limits:
            limit.give_back()
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmTotpView(APIView):
    @extend_schema(request=ConfirmTotpSerializer, responses=RecoveryCodesSerializer)
    def post(self, request: Request) -> Response:
        """Turn two-factor login on by the first code; the recovery codes are shown this once."""
        body = ConfirmTotpSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        codes = confirm_setup(user_id=user_of(request).pk, **body.validated_data)
        return Response(RecoveryCodesSerializer({"recovery_codes": codes}).data)


class RecoveryCodesView(APIView):
    @extend_schema(request=ConfirmPasswordSerializer, responses=RecoveryCodesSerializer)
    def post(self, request: Request) -> Response:
        """Get other recovery codes; those before are dead."""
        body = ConfirmPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_of(request)
        limit = AttemptLimit("login", str(user.pk))
        limit.count()
        codes = renew_recovery_codes(user=user, **body.validated_data)
        limit.give_back()
        return Response(RecoveryCodesSerializer({"recovery_codes": codes}).data)
