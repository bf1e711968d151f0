from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..models import Category, Collection, Tag
from .brief import MAX_ID, media_url
from .product_input import OptionalBooleanField

URL_OR_NULL = {"type": "string", "format": "uri", "nullable": True}


class CategoryRefSerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name", "slug"]


class FlatCategorySerializer(serializers.ModelSerializer):
    """A category; `product_count` counts active products in its whole subtree."""

    image = serializers.URLField(read_only=True, allow_null=True)
    product_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Category
        fields = [
            "id",
            "name",
            "slug",
            "description",
            "parent",
            "image",
            "product_count",
            "is_active",
        ]

    def to_representation(self, category: Category) -> dict[str, Any]:
        # At once, because an answer may hold thousands: one field after another takes longer.
        return {
            "id": category.pk,
            "name": category.name,
            "slug": category.slug,
            "description": category.description,
            "parent": category.parent_id,
            "image": media_url(category.image.name, self.context.get("request")),
            "product_count": category.product_count,
            "is_active": category.is_active,
        }


class CategorySerializer(FlatCategorySerializer):
    children = serializers.SerializerMethodField()

    class Meta(FlatCategorySerializer.Meta):
        fields = [*FlatCategorySerializer.Meta.fields, "children"]

    @extend_schema_field(
        {"type": "array", "items": {"$ref": "#/components/schemas/Category"}, "readOnly": True}
    )
    def get_children(self, category: Category) -> list[dict[str, Any]]:
        return [self.to_representation(child) for child in category.below]

    def to_representation(self, category: Category) -> dict[str, Any]:
        return super().to_representation(category) | {"children": self.get_children(category)}


class WriteCategorySerializer(serializers.Serializer):
    name = serializers.CharField(max_length=150)
    slug = serializers.SlugField(max_length=160, required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    parent = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    image = serializers.FileField(required=False, allow_null=True)
    is_active = OptionalBooleanField(required=False)
    position = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class CollectionSerializer(serializers.ModelSerializer):
    image = serializers.SerializerMethodField()
    product_count = serializers.SerializerMethodField()

    class Meta:
        model = Collection
        fields = ["id", "title", "slug", "description", "image", "product_count"]

    @extend_schema_field(URL_OR_NULL)
    def get_image(self, collection: Collection) -> str | None:
        return media_url(collection.image.name, self.context.get("request"))

    def get_product_count(self, collection: Collection) -> int:
        return collection.product_count or 0


class WriteCollectionSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=150)
    slug = serializers.SlugField(max_length=160, required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    image = serializers.FileField(required=False, allow_null=True)
    products = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        required=False,
        max_length=10_000,
    )


class TagSerializer(serializers.ModelSerializer):
    product_count = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = ["id", "name", "slug", "product_count"]

    def get_product_count(self, tag: Tag) -> int:
        return tag.product_count or 0


class WriteTagSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    slug = serializers.SlugField(max_length=70, required=False, allow_blank=True)
