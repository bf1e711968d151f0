"""The user's own profile."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..authentication import user_of
from ..serializers.people import (
    ConfirmPasswordSerializer,
    UpdateProfileSerializer,
    UserSerializer,
)
from ..services.profiles import check_password, erase_user, update_profile
from ..throttles import AttemptLimit
from .auth import NOTHING

_CONTACTS = ("email", "phone")


class MeView(APIView):
    @extend_schema(responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """Read one's own profile."""
        return Response(UserSerializer(user_of(request)).data)

    @extend_schema(request=UpdateProfileSerializer, responses=UserSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's own profile; a new e-mail or phone must be verified again."""
        body = UpdateProfileSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = body.validated_data
        user = user_of(request)
        if any(changes.get(f) not in ("", None, getattr(user, f)) for f in _CONTACTS):
            # Each new one is sent something to verify it, whoever reads that.
            AttemptLimit("otp", str(user.pk)).count()
        return Response(UserSerializer(update_profile(user_id=user.pk, **changes)).data)

    @extend_schema(request=ConfirmPasswordSerializer, responses={204: NOTHING})
    def delete(self, request: Request) -> Response:
        """Erase one's personal data, given `{"password"}` as body; orders stay, without a name."""
        body = ConfirmPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_of(request)
        limit = AttemptLimit("login", str(user.pk))
        limit.count()
        check_password(user, body.validated_data["password"])
        limit.give_back()
        erase_user(user_id=user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
