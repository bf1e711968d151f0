"""What clients send of products, variants and pictures."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from config.money import MoneyField

from .brief import MAX_ID

MAX_COUNT = 2**31 - 1
MAX_VARIANTS = 200


def _count(**options: Any) -> serializers.IntegerField:  # noqa: ANN401
    return serializers.IntegerField(min_value=0, max_value=MAX_COUNT, required=False, **options)


def _text(max_length: int) -> serializers.CharField:
    return serializers.CharField(max_length=max_length, required=False, allow_blank=True)


class FlashSaleInputSerializer(serializers.Serializer):
    price = MoneyField(required=False, min_value=0)
    discount_percentage = serializers.DecimalField(max_digits=5, decimal_places=2, required=False)
    starts_at = serializers.DateTimeField(required=False, help_text="Now, where it is left out.")
    # Not `required`: a PATCH of the product would skip that check of its parts.
    ends_at = serializers.DateTimeField(required=False)

    def validate_discount_percentage(self, value: Any) -> Any:  # noqa: ANN401
        if not 0 < value < 100:
            raise serializers.ValidationError("Give a percentage between 0 and 100.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("price" in attrs) == ("discount_percentage" in attrs):
            raise serializers.ValidationError("Give either a price or a discount_percentage.")
        if "ends_at" not in attrs:
            raise serializers.ValidationError({"ends_at": "Say when the sale ends."})
        attrs.setdefault("starts_at", timezone.now())
        for name in ("starts_at", "ends_at"):
            if not 2000 <= attrs[name].year <= 2999:
                raise serializers.ValidationError({name: "Give a time from 2000 to 2999."})
        if attrs["ends_at"] <= attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": "The sale must end after its start."})
        return attrs


class AttributesField(serializers.DictField):
    """Names and values as texts: filters compare texts."""

    child = serializers.CharField(max_length=100)

    def to_internal_value(self, data: Any) -> dict[str, str]:  # noqa: ANN401
        attributes = super().to_internal_value(data)
        if len(attributes) > 20 or any(not 0 < len(name) <= 50 for name in attributes):
            raise serializers.ValidationError(
                "Give at most 20 attributes with names of up to 50 characters."
            )
        return attributes


class VariantFieldsSerializer(serializers.Serializer):
    """The fields of a variant that may also stand at the top of a one-variant product."""

    sku = _text(64)
    price = MoneyField(required=False, min_value=0)
    compare_at_price = MoneyField(required=False, allow_null=True, min_value=0)
    cost_price = MoneyField(required=False, allow_null=True, min_value=0)
    barcode = _text(64)
    attributes = AttributesField(required=False)
    stock = _count(help_text="Counts at creation only; later, record inventory transactions.")
    low_stock_threshold = _count()


class WriteVariantSerializer(VariantFieldsSerializer):
    name = _text(255)
    image = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    is_active = serializers.BooleanField(required=False)
    position = _count()


class NewVariantSerializer(WriteVariantSerializer):
    price = MoneyField(min_value=0)


class NestedVariantSerializer(WriteVariantSerializer):
    id = serializers.IntegerField(required=False, min_value=1)


class WriteProductSerializer(VariantFieldsSerializer):
    name = serializers.CharField(max_length=255)
    slug = serializers.SlugField(max_length=255, required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    brand = _text(100)
    category = serializers.IntegerField(min_value=1)
    seller = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="For staff."
    )
    is_active = serializers.BooleanField(required=False)
    featured = serializers.BooleanField(required=False, help_text="For staff.")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=50
    )
    collections = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        required=False,
        max_length=100,
    )
    tax_class = serializers.CharField(max_length=30, required=False)
    hsn_code = serializers.RegexField(
        r"^([0-9]{4,8})?$",
        required=False,
        allow_blank=True,
        error_messages={"invalid": "Give 4 to 8 digits."},
    )
    weight_grams = _count()
    meta_title = _text(255)
    meta_description = _text(500)
    flash_sale = FlashSaleInputSerializer(required=False, allow_null=True)
    variants = NestedVariantSerializer(many=True, required=False, max_length=MAX_VARIANTS)

    def validate_variants(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        skus = [row["sku"].upper() for row in rows if row.get("sku")]
        ids = [row["id"] for row in rows if "id" in row]
        if len(set(skus)) < len(skus) or len(set(ids)) < len(ids):
            raise serializers.ValidationError("A variant is named twice.")
        return rows

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        creates = self.instance is None and not self.partial
        if creates and "variants" not in attrs and "price" not in attrs:
            raise serializers.ValidationError({"price": "Give a price, or variants with prices."})
        return attrs


class OptionalBooleanField(serializers.BooleanField):
    """A boolean that a form leaves out is left out: it is not the false of an empty checkbox."""

    default_empty_html = serializers.empty


class WriteImageSerializer(serializers.Serializer):
    image = serializers.FileField()
    alt_text = _text(255)
    is_primary = OptionalBooleanField(required=False)
    position = _count()
