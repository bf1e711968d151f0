"""Short forms of products and variants, which carts and orders show too."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from ..models import Product, Variant

MAX_ID = 2**63 - 1  # what an id column holds


def media_url(name: str, request: Request | None) -> str | None:
    """Return the absolute address of a stored file, or None where there is none."""
    if not name:
        return None
    address = default_storage.url(name)
    if request is None:
        return urljoin(f"{settings.SITE_URL}/", address)
    return request.build_absolute_uri(address)


def thumbnail_url(product: Product, request: Request | None) -> str | None:
    """Return the absolute address of a product's small picture, or None without one."""
    return media_url(product.thumbnail, request)


class ProductBriefSerializer(serializers.ModelSerializer):
    thumbnail = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["id", "slug", "name", "thumbnail"]

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_thumbnail(self, product: Product) -> str | None:
        return thumbnail_url(product, self.context.get("request"))


class VariantBriefSerializer(serializers.ModelSerializer):
    attributes = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Variant
        fields = ["id", "sku", "name", "attributes"]
