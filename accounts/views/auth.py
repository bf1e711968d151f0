"""Registering, logging in and out, tokens, e-mail verification and the password."""

from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.throttles import address_of

from ..authentication import user_of
from ..models import User
from ..serializers.people import (
    CartIdField,
    ChangePasswordSerializer,
    LoginSerializer,
    RefreshSerializer,
    RegisterSerializer,
    SessionSerializer,
    TokenPairSerializer,
    TokenSerializer,
)
from ..serializers.proofs import ChallengeSerializer
from ..services.challenges import Challenge
from ..services.email_verification import resend_verification, verify_email
from ..services.profiles import change_password
from ..services.registration import register_user
from ..services.sessions import Session, log_in
from ..services.tokens import (
    TokenPair,
    end_all_sessions,
    end_session,
    rotate_token,
    verify_token,
)
from ..throttles import AttemptLimit

NOTHING = OpenApiResponse(description="Done; no body.")
LOGIN_ANSWER = PolymorphicProxySerializer(
    component_name="LoginAnswer",
    serializers=[SessionSerializer, ChallengeSerializer],
    resource_type_field_name=None,
)


class OpenView(APIView):
    """A call whose Authorization header, right or wrong, is ignored."""

    authentication_classes = []
    permission_classes = [AllowAny]


class RegisterView(OpenView):
    @extend_schema(request=RegisterSerializer, responses={201: SessionSerializer})
    def post(self, request: Request) -> Response:
        """Create an account and log in."""
        body = RegisterSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        AttemptLimit("register", address_of(request)).count()
        fields = body.validated_data
        cart_ids = claimed_carts(request, fields.pop("cart_id", None))
        user, pair = register_user(cart_ids=cart_ids, **fields)
        location = {"Location": reverse("me")}
        return Response(session_body(user, pair), status.HTTP_201_CREATED, headers=location)


class LoginView(OpenView):
    @extend_schema(request=LoginSerializer, responses=LOGIN_ANSWER)
    def post(self, request: Request) -> Response:
        """Log in by e-mail, username or phone; with a second factor, get a challenge first."""
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields, address = body.validated_data, address_of(request)
        AttemptLimit("login_address", address).count()
        ((kind, value),) = fields["identifier"].items()
        limit = AttemptLimit("login", address, kind, value)
        limit.count()
        entered = log_in(
            identifier=fields["identifier"],
            password=fields["password"],
            cart_ids=claimed_carts(request, fields.get("cart_id")),
        )
        limit.give_back()
        return Response(login_body(entered))


class LogoutView(APIView):
    @extend_schema(request=RefreshSerializer, responses={204: NOTHING})
    def post(self, request: Request) -> Response:
        """End the session that a refresh token belongs to."""
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        end_session(user_id=user_of(request).pk, refresh=body.validated_data["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutAllView(APIView):
    @extend_schema(request=None, responses={204: NOTHING})
    def post(self, request: Request) -> Response:
        """End every session of the user."""
        end_all_sessions(user_id=user_of(request).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RefreshView(OpenView):
    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token, once, for a new pair."""
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(TokenPairSerializer(rotate_token(**body.validated_data)).data)


class VerifyTokenView(OpenView):
    @extend_schema(
        request=TokenSerializer,
        responses={200: OpenApiResponse({"type": "object"}, description="It works.")},
    )
    def post(self, request: Request) -> Response:
        """Tell whether an access or refresh token works."""
        body = TokenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        verify_token(**body.validated_data)
        return Response({})


class VerifyEmailView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(request=TokenSerializer, responses={204: NOTHING})
    def post(self, request: Request) -> Response:
        """Verify an e-mail address by the token from its mail."""
        body = TokenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        verify_email(**body.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResendEmailView(APIView):
    @extend_schema(request=None, responses={202: NOTHING})
    def post(self, request: Request) -> Response:
        """Send the verification mail again, unless the address is verified."""
        user = user_of(request)
        AttemptLimit("otp", str(user.pk)).count()
        resend_verification(user_id=user.pk)
        return Response(status=status.HTTP_202_ACCEPTED)


class ChangePasswordView(APIView):
    @extend_schema(request=ChangePasswordSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Set another password; every token given out before dies."""
        body = ChangePasswordSerializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        user = user_of(request)
        limit = AttemptLimit("login", str(user.pk))
        limit.count()
        pair = change_password(user=user, **body.validated_data)
        limit.give_back()
        return Response(TokenPairSerializer(pair).data)


def claimed_carts(request: Request, given: UUID | None) -> tuple[UUID, ...]:
    """Return the ids that body, header and cookie name; which is a guest's cart, carts know."""
    others = (request.headers.get("X-Cart-ID"), request.COOKIES.get("cart_id"))
    read = CartIdField(allow_null=True).run_validation
    return tuple(dict.fromkeys(filter(None, (given, *map(read, others)))))


def login_body(entered: Session | Challenge) -> dict[str, object]:
    if isinstance(entered, Challenge):
        return {"two_factor_required": True, "challenge": entered.token}
    return session_body(*entered)


def session_body(user: User, pair: TokenPair) -> dict[str, object]:
    return SessionSerializer({"user": user, "access": pair.access, "refresh": pair.refresh}).data
