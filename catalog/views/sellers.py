"""Who sells here: everybody reads, a user applies, staff decide."""

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import BasePermission, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import user_of
from accounts.models import Seller, SellerStatus
from config.parsers import LimitedJSONParser

from ..filters import by_id_or_slug, filter_sellers
from ..permissions import ChangesOwnSeller, DecidesOnSellers
from ..selectors import with_seller_figures
from ..serializers.sellers import SellerSerializer, WriteSellerSerializer
from ..services.sellers import apply_as_seller, approve_seller, suspend_seller, update_seller
from .conditional import ConditionalReads
from .old_slugs import RedirectsOldSlugs

STATUS = OpenApiParameter("status", OpenApiTypes.STR, enum=SellerStatus.values)


@extend_schema(tags=["sellers"])
class SellerViewSet(RedirectsOldSlugs, ConditionalReads, GenericViewSet):
    """Approved sellers; their own user and staff see the others too."""

    queryset = Seller.objects.none()
    serializer_class = SellerSerializer
    parser_classes = [MultiPartParser, FormParser, LimitedJSONParser]
    filter_backends = []

    def get_queryset(self) -> QuerySet[Seller]:
        return with_seller_figures(Seller.objects.visible_to(self.request.user))

    def get_permissions(self) -> list[BasePermission]:
        by_action: dict[str, type[BasePermission]] = {
            "partial_update": ChangesOwnSeller,
            "approve": DecidesOnSellers,
            "suspend": DecidesOnSellers,
        }
        return [by_action.get(self.action, IsAuthenticatedOrReadOnly)()]

    @extend_schema(parameters=[STATUS])
    def list(self, request: Request) -> Response:
        """List sellers by name."""
        rows = filter_sellers(self.get_queryset(), request.query_params)
        page = self.paginate_queryset(rows.order_by("name", "pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, seller: str) -> Response:
        """Get a seller by id or slug."""
        return self._answer(self._find())

    @extend_schema(request=WriteSellerSerializer, responses={201: SellerSerializer})
    def create(self, request: Request) -> Response:
        """Apply as a seller, once: 409 `duplicate`. Staff approve."""
        body = WriteSellerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = apply_as_seller(user_id=user_of(request).pk, fields=body.validated_data)
        answer = self._answer(made)
        answer.status_code = status.HTTP_201_CREATED
        answer["Location"] = request.build_absolute_uri(reverse("seller", args=[made.pk]))
        return answer

    @extend_schema(request=WriteSellerSerializer(partial=True))
    def partial_update(self, request: Request, seller: str) -> Response:
        """Change one's own name, slug, description or logo."""
        found = self._find()
        body = WriteSellerSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return self._answer(update_seller(seller_id=found.pk, fields=body.validated_data))

    @extend_schema(request=None)
    def approve(self, request: Request, seller: str) -> Response:
        """Let a seller sell; 409 `invalid_transition` where it may already."""
        return self._answer(approve_seller(seller_id=self._find().pk))

    @extend_schema(request=None)
    def suspend(self, request: Request, seller: str) -> Response:
        """Turn an application down or stop a seller: within minutes its products are inactive."""
        return self._answer(suspend_seller(seller_id=self._find().pk))

    def _find(self) -> Seller:
        visible = Seller.objects.visible_to(self.request.user)
        found = get_object_or_404(visible, by_id_or_slug(self.kwargs["seller"]))
        self.check_object_permissions(self.request, found)
        return found

    def _answer(self, seller: Seller) -> Response:
        shown = with_seller_figures(Seller.objects.all()).get(pk=seller.pk)
        return Response(self.get_serializer(shown).data)
