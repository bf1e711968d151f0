"""Logging in with an account elsewhere."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.throttles import address_of

from ..serializers.proofs import SocialLoginSerializer
from ..services.social_login import log_in_with, require_provider
from ..throttles import AttemptLimit
from .auth import LOGIN_ANSWER, OpenView, claimed_carts, login_body


class SocialLoginView(OpenView):
    @extend_schema(request=SocialLoginSerializer, responses=LOGIN_ANSWER)
    def post(self, request: Request, provider: str) -> Response:
        """Log in by the id_token of a provider (`google`); who is new is registered."""
        require_provider(provider)
        body = SocialLoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        AttemptLimit("login_address", address_of(request)).count()
        entered = log_in_with(
            provider=provider,
            id_token=fields["id_token"],
            nonce=fields["nonce"],
            cart_ids=claimed_carts(request, fields.get("cart_id")),
        )
        return Response(login_body(entered))
