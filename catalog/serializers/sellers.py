from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Seller

from .brief import media_url
from .categories import URL_OR_NULL


class SellerSerializer(serializers.ModelSerializer):
    """A seller; `product_count` counts active products, `rating` is the mean of their reviews."""

    logo = serializers.SerializerMethodField()
    product_count = serializers.SerializerMethodField()
    rating = serializers.SerializerMethodField()

    class Meta:
        model = Seller
        fields = ["id", "slug", "name", "description", "logo", "product_count", "rating", "status"]

    @extend_schema_field(URL_OR_NULL)
    def get_logo(self, seller: Seller) -> str | None:
        return media_url(seller.logo.name, self.context.get("request"))

    def get_product_count(self, seller: Seller) -> int:
        return seller.product_count or 0

    def get_rating(self, seller: Seller) -> float:
        if not seller.review_count:
            return 0.0
        return float(round(Decimal(seller.stars) / seller.review_count, 2))


class WriteSellerSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=150)
    slug = serializers.SlugField(max_length=160, required=False, allow_blank=True)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    logo = serializers.FileField(
        required=False,
        allow_null=True,
        help_text="JPEG, PNG or WebP, at most 500 KB; null takes it away.",
    )
