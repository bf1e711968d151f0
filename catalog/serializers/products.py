"""Products and variants as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.money import format_money

from ..models import Product, ProductImage, Variant
from .brief import VariantBriefSerializer, media_url, thumbnail_url
from .categories import URL_OR_NULL, CategoryRefSerializer
from .offers import MONEY, MONEY_OR_NULL, flash_sale, moment, offer

DATE_TIME = {"type": "string", "format": "date-time"}


class ProductSerializer(serializers.ModelSerializer):
    """A product in lists; `price` is what it costs now, the lowest of its variants."""

    category = CategoryRefSerializer()
    price = serializers.SerializerMethodField()
    compare_at_price = serializers.SerializerMethodField()
    discount_percentage = serializers.SerializerMethodField()
    on_sale = serializers.SerializerMethodField()
    stock = serializers.SerializerMethodField()
    rating = serializers.FloatField()
    thumbnail = serializers.SerializerMethodField()
    flash_sale = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = [
            "id",
            "slug",
            "name",
            "brand",
            "category",
            "currency",
            "price",
            "compare_at_price",
            "discount_percentage",
            "on_sale",
            "in_stock",
            "stock",
            "rating",
            "review_count",
            "thumbnail",
            "featured",
            "best_seller",
            "flash_sale",
            "created_at",
        ]

    @extend_schema_field(MONEY)
    def get_price(self, product: Product) -> str:
        return self._offer(product)["price"]

    @extend_schema_field(MONEY_OR_NULL)
    def get_compare_at_price(self, product: Product) -> str | None:
        return self._offer(product)["compare_at_price"]

    def get_discount_percentage(self, product: Product) -> float:
        return self._offer(product)["discount_percentage"]

    def get_on_sale(self, product: Product) -> bool:
        return self._offer(product)["on_sale"]

    def get_stock(self, product: Product) -> int:
        return (product.on_hand or 0) - (product.reserved or 0)

    @extend_schema_field(URL_OR_NULL)
    def get_thumbnail(self, product: Product) -> str | None:
        return thumbnail_url(product, self.context.get("request"))

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {"price": MONEY, "ends_at": DATE_TIME},
        }
    )
    def get_flash_sale(self, product: Product) -> dict[str, Any] | None:
        return flash_sale(product, self._offer(product)["price"])

    @staticmethod
    def _offer(product: Product) -> dict[str, Any]:
        return offer(product, product.base_price, product.base_compare_at_price)


class VariantSerializer(VariantBriefSerializer):
    """A variant with its stock; `image` is the id of one of the product's images."""

    price = serializers.SerializerMethodField()
    compare_at_price = serializers.SerializerMethodField()
    stock = serializers.SerializerMethodField()
    in_stock = serializers.SerializerMethodField()

    class Meta:
        model = Variant
        fields = [
            *VariantBriefSerializer.Meta.fields,
            "price",
            "compare_at_price",
            "stock",
            "low_stock_threshold",
            "in_stock",
            "image",
            "barcode",
            "is_active",
        ]

    @extend_schema_field(MONEY)
    def get_price(self, variant: Variant) -> str:
        return offer(variant.product, variant.price, variant.compare_at_price)["price"]

    @extend_schema_field(MONEY_OR_NULL)
    def get_compare_at_price(self, variant: Variant) -> str | None:
        shown = offer(variant.product, variant.price, variant.compare_at_price)
        return shown["compare_at_price"]

    def get_stock(self, variant: Variant) -> int:
        return variant.stock.available

    def get_in_stock(self, variant: Variant) -> bool:
        return variant.stock.available > 0


class ImageSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()
    is_primary = serializers.BooleanField()

    class Meta:
        model = ProductImage
        fields = ["id", "url", "thumbnail", "alt_text", "is_primary", "position"]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, image: ProductImage) -> str | None:
        return media_url(image.file.name, self.context.get("request"))

    @extend_schema_field(URL_OR_NULL)
    def get_thumbnail(self, image: ProductImage) -> str | None:
        return media_url(image.thumbnail.name, self.context.get("request"))


class SellerRefSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class OptionSerializer(serializers.Serializer):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class ProductDetailSerializer(ProductSerializer):
    """A product's page; `tags` are names and `collections` ids, as in requests."""

    shows_inactive_variants = False

    images = ImageSerializer(many=True)
    options = serializers.SerializerMethodField()
    variants = serializers.SerializerMethodField()
    tags = serializers.SlugRelatedField(many=True, read_only=True, slug_field="name")
    collections = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    seller = SellerRefSerializer(allow_null=True)

    class Meta(ProductSerializer.Meta):
        fields = [
            *ProductSerializer.Meta.fields,
            "description",
            "images",
            "options",
            "variants",
            "tags",
            "collections",
            "seller",
            "tax_class",
            "weight_grams",
            "meta_title",
            "meta_description",
            "like_count",
            "view_count",
        ]

    @extend_schema_field(OptionSerializer(many=True))
    def get_options(self, product: Product) -> list[dict[str, Any]]:
        options: dict[str, dict[str, None]] = {}
        for variant in self._variants(product):
            for name, value in variant.attributes.items():
                options.setdefault(name, {})[str(value)] = None
        # By name, because PostgreSQL does not keep the order of the names in JSON.
        return [{"name": name, "values": list(options[name])} for name in sorted(options)]

    @extend_schema_field(VariantSerializer(many=True))
    def get_variants(self, product: Product) -> list[dict[str, Any]]:
        return VariantSerializer(self._variants(product), many=True, context=self.context).data

    def _variants(self, product: Product) -> list[Variant]:
        return [v for v in product.variants.all() if v.is_active or self.shows_inactive_variants]


class ManagedProductSerializer(ProductDetailSerializer):
    """What only the product's seller and staff see."""

    shows_inactive_variants = True

    cost_price = serializers.SerializerMethodField()
    flash_sale_setting = serializers.SerializerMethodField()

    class Meta(ProductDetailSerializer.Meta):
        fields = [
            *ProductDetailSerializer.Meta.fields,
            "is_active",
            "hsn_code",
            "cost_price",
            "flash_sale_setting",
        ]

    @extend_schema_field(MONEY_OR_NULL)
    def get_cost_price(self, product: Product) -> str | None:
        variants = product.variants.all()
        if len(variants) != 1 or variants[0].cost_price is None:
            return None
        return format_money(variants[0].cost_price, product.currency)

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {
                "price": MONEY,
                "discount_percentage": {"type": "number"},
                "starts_at": DATE_TIME,
                "ends_at": DATE_TIME,
            },
        }
    )
    def get_flash_sale_setting(self, product: Product) -> dict[str, Any] | None:
        times = {
            "starts_at": moment(product.flash_starts_at),
            "ends_at": moment(product.flash_ends_at),
        }
        if product.flash_price is not None:
            return {"price": format_money(product.flash_price, product.currency)} | times
        if product.flash_percentage is not None:
            return {"discount_percentage": float(product.flash_percentage)} | times
        return None
