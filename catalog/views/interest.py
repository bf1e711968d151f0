"""Liking a product, and asking to be told when it is back."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import user_of
from accounts.models import User
from accounts.throttles import AttemptLimit
from config.errors import InvalidInput
from config.throttles import address_of

from ..filters import by_id_or_slug
from ..models import Product
from ..serializers.stock_requests import NotifyMeSerializer
from ..services.likes import like_product, unlike_product
from ..services.stock_requests import request_notice

NOTED = OpenApiResponse(description="Noted, now or before; no body.")


def product_of(request: Request, product: str) -> Product:
    """Return the product of the path, if the caller may see it."""
    return get_object_or_404(Product.objects.visible_to(request.user), by_id_or_slug(product))


@extend_schema(tags=["products"])
class LikeView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, product: str) -> Response:
        """Like a product; a second time it changes nothing."""
        like_product(product_id=product_of(request, product).pk, user=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, product: str) -> Response:
        """Like a product no longer."""
        unlike_product(product_id=product_of(request, product).pk, user=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["products"])
class NotifyMeView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(request=NotifyMeSerializer, responses={202: NOTED})
    def post(self, request: Request, product: str) -> Response:
        """Ask for one mail when it is back in stock: 409 `conflict` while it can be bought.

        A user without an e-mail address is told in the shop and by SMS.
        """
        found = product_of(request, product)
        body = NotifyMeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = request.user if isinstance(request.user, User) else None
        email = body.validated_data.get("email") or (user and user.email) or ""
        if not (email or user):
            raise InvalidInput(email="Give an e-mail address.")
        # Neither may one caller have many strangers mailed, nor many callers one stranger.
        AttemptLimit("notify", str(user.pk) if user else address_of(request)).count()
        if email:
            AttemptLimit("notify", email.lower()).count()
        request_notice(
            product_id=found.pk,
            variant_id=body.validated_data.get("variant"),
            email=email,
            user=user,
        )
        return Response(status=status.HTTP_202_ACCEPTED)
