"""What customers say of products."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import user_of
from accounts.rights import staff_may

from ..filters import by_id_or_slug, filter_reviews, order_reviews
from ..models import Product, Review
from ..permissions import ReadOrWriteOwnReview
from ..serializers.reviews import (
    ChangeReviewSerializer,
    ReviewSerializer,
    WriteReviewSerializer,
)
from ..services.reviews import delete_review, mark_helpful, update_review, write_review
from .conditional import ConditionalReads
from .old_slugs import RedirectsOldSlugs

FILTERS = [
    OpenApiParameter("product", OpenApiTypes.STR, description="Id or slug."),
    OpenApiParameter("rating", OpenApiTypes.INT, description="From 1 to 5."),
    OpenApiParameter("verified", OpenApiTypes.BOOL, description="Bought here, or not."),
    OpenApiParameter("mine", OpenApiTypes.BOOL, description="Own ones, withdrawn ones too."),
    OpenApiParameter(
        "ordering",
        OpenApiTypes.STR,
        description="`created_at`, `rating`, `helpful`, each with `-` for its reverse.",
    ),
]
GUESTS_TOO = [{"jwtAuth": []}, {}]
WORDS = {"rating", "title", "comment"}


@extend_schema(tags=["reviews"])
class ReviewViewSet(ConditionalReads, GenericViewSet):
    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    permission_classes = [ReadOrWriteOwnReview]
    filter_backends = []

    def get_queryset(self) -> QuerySet[Review]:
        return Review.objects.visible_to(self.request.user).select_related("user")

    @extend_schema(parameters=FILTERS, auth=GUESTS_TOO)
    def list(self, request: Request) -> Response:
        """List reviews; withdrawn ones are shown to their author and to staff alone."""
        query = request.query_params
        rows = filter_reviews(self.get_queryset(), query, request.user)
        page = self.paginate_queryset(order_reviews(rows, query))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(auth=GUESTS_TOO)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Show one review."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=ChangeReviewSerializer(partial=True))
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change one's own words; staff change `is_approved`. The rest is read-only and ignored."""
        review = self.get_object()
        body = ChangeReviewSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        allowed = self._changeable(review)
        changes = {name: value for name, value in body.validated_data.items() if name in allowed}
        if changes:
            update_review(review_id=review.pk, **changes)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete one's own review, but 409 `conflict` for a withdrawn one; staff delete any."""
        is_author = not staff_may(request.user, "catalog.delete_review")
        delete_review(review_id=self.get_object().pk, keep_withdrawn=is_author)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None)
    def helpful(self, request: Request, pk: int) -> Response:
        """Say that a review helped: counted once, and 403 on one's own."""
        mark_helpful(review_id=self.get_object().pk, user=user_of(request))
        return Response(self.get_serializer(self.get_object()).data)

    def _changeable(self, review: Review) -> set[str]:
        user = self.request.user
        words = WORDS if review.user_id == user.pk else set()
        return words | ({"is_approved"} if staff_may(user, "catalog.change_review") else set())


@extend_schema(tags=["reviews"])
class ProductReviewViewSet(RedirectsOldSlugs, ReviewViewSet):
    """The reviews of one product."""

    def get_queryset(self) -> QuerySet[Review]:
        return super().get_queryset().filter(product=self.product())

    def product(self) -> Product:
        visible = Product.objects.visible_to(self.request.user)
        return get_object_or_404(visible, by_id_or_slug(self.kwargs["product"]))

    @extend_schema(parameters=FILTERS[1:], auth=GUESTS_TOO)
    def list(self, request: Request, product: str) -> Response:
        """List the reviews of a product; withdrawn ones for their author and staff alone."""
        return super().list(request)

    @extend_schema(request=WriteReviewSerializer, responses={201: ReviewSerializer})
    def create(self, request: Request, product: str) -> Response:
        """Review a product, once: 409 `duplicate` with `details.review`, the id of the first."""
        found = self.product()
        fields = self._read(WriteReviewSerializer(data=request.data))
        review = write_review(product_id=found.pk, user=user_of(request), **fields)
        location = request.build_absolute_uri(reverse("review", args=[review.pk]))
        shown = self.get_serializer(review).data
        return Response(shown, status.HTTP_201_CREATED, headers={"Location": location})

    @staticmethod
    def _read(body: WriteReviewSerializer) -> dict[str, Any]:
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)
