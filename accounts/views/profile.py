"""The user's own profile."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

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
        return Response(UserSerializer(request.user).data)

    @extend_schema(request=UpdateProfileSerializer, responses=UserSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's own profile; a new e-mail or phone must be verified again."""
        body = UpdateProfileSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = body.validated_data
        if any(changes.get(f) not in ("", None, getattr(request.user, f)) for f in _CONTACTS):
            # Each new one is sent something to verify it, whoever reads that.
            AttemptLimit("otp", str(request.user.pk)).count()
        user = update_profile(user_id=request.user.pk, **changes)
        return Response(UserSerializer(user).data)

    @extend_schema(request=ConfirmPasswordSerializer, responses={204: NOTHING})
    def delete(self, request: Request) -> Response:
        """Erase one's personal data; orders stay, without a name."""
        body = ConfirmPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        limit = AttemptLimit("login", str(request.user.pk))
        limit.count()
        check_password(request.user, body.validated_data["password"])
        limit.give_back()
        erase_user(user_id=request.user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
