"""Coupons: everybody sees what is public, staff keep them, and anybody may try a code."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.rights import staff_may

from ..headers import caller_of
from ..models import Coupon
from ..pricing import Totals
from ..serializers.coupons import (
    AskedCouponSerializer,
    CouponAnswerSerializer,
    CouponSerializer,
    PublicCouponSerializer,
)
from ..services.access import find_cart
from ..services.coupons import try_on_cart, try_on_subtotal
from .terms import TermsViewSet


class CouponViewSet(ListModelMixin, TermsViewSet):
    queryset = Coupon.objects.none()  # names the model to the schema
    serializer_class = CouponSerializer

    def get_permissions(self) -> list[BasePermission]:
        is_open = self.action in ("list", "validate_code")
        return [AllowAny()] if is_open else super().get_permissions()

    def get_queryset(self) -> QuerySet[Coupon]:
        rows = Coupon.objects.all() if self._is_for_staff else Coupon.objects.public(timezone.now())
        return rows.prefetch_related("categories", "products")

    def get_serializer_class(self) -> type[Serializer]:
        return CouponSerializer if self._is_for_staff else PublicCouponSerializer

    @property
    def _is_for_staff(self) -> bool:
        """Everything but the list is for staff alone."""
        user = self.request.user
        return self.action != "list" or staff_may(user, "carts.view_coupon")

    @extend_schema(
        description="What is public and can be used now; staff who may view coupons get all."
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(request=AskedCouponSerializer, responses=CouponAnswerSerializer)
    @action(detail=False, methods=["post"], url_path="validate", filter_backends=[])
    def validate_code(self, request: Request) -> Response:
        """Tell what a code would do for a cart or a subtotal; nothing is written."""
        body = AskedCouponSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked, now = body.validated_data, timezone.now()
        user_id = request.user.pk if request.user.is_authenticated else None
        if "subtotal" in asked:
            totals = try_on_subtotal(asked["subtotal"], code=asked["code"], user_id=user_id, at=now)
        else:
            cart = find_cart(caller_of(request, cart_id=asked["cart_id"], only_named=True))
            totals = try_on_cart(cart, code=asked["code"], at=now)
        return Response(CouponAnswerSerializer(_answer(totals)).data)


def _answer(totals: Totals) -> dict[str, object]:
    if refused := totals.refused:
        return {"valid": False, "code": refused.reason, "message": refused.message}
    return {
        "valid": True,
        "discount_amount": totals.discount_amount,
        "final_total": totals.goods_total,
    }
