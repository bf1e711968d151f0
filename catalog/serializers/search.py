"""What searches answer beside products; plain dicts in, so these only describe."""

from rest_framework import serializers

from .categories import CategoryRefSerializer
from .products import ProductSerializer


class CategoryFacetSerializer(serializers.Serializer):
    """A category with what it and those below it hold; `parent` makes a tree of the list."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()


class ValueFacetSerializer(serializers.Serializer):
    value = serializers.CharField()
    count = serializers.IntegerField()


class PriceRangeFacetSerializer(serializers.Serializer):
    """Both bounds belong to the range: give them as `min_price` and `max_price`."""

    min = serializers.CharField()
    max = serializers.CharField()
    count = serializers.IntegerField()


class RatingFacetSerializer(serializers.Serializer):
    min_rating = serializers.IntegerField()
    count = serializers.IntegerField()


class InStockFacetSerializer(serializers.Serializer):
    true = serializers.IntegerField()
    false = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer):
    """Each facet is counted without its own filter, exact up to 25,000 matches."""

    categories = CategoryFacetSerializer(many=True)
    brands = ValueFacetSerializer(many=True)
    price_ranges = PriceRangeFacetSerializer(many=True)
    ratings = RatingFacetSerializer(many=True)
    attributes = serializers.DictField(child=ValueFacetSerializer(many=True))
    in_stock = InStockFacetSerializer()


class SearchPageSerializer(serializers.Serializer):
    """A page of products, and by what they can be narrowed further."""

    count = serializers.IntegerField(
        required=False, help_text="Exact up to 10,000; absent with a cursor."
    )
    count_is_capped = serializers.BooleanField(required=False)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    page = serializers.IntegerField(required=False)
    page_size = serializers.IntegerField(required=False)
    total_pages = serializers.IntegerField(required=False)
    results = ProductSerializer(many=True)
    facets = FacetsSerializer(
        allow_null=True,
        help_text="Null with `facets=false`. Exact up to 25,000 matches; of more, estimated. No "
        "count is over 10,000.",
    )
    query = serializers.CharField()
    corrected_query = serializers.CharField(
        allow_null=True, help_text="What a misspelt query was taken as."
    )


class SuggestionsSerializer(serializers.Serializer):
    products = ProductSerializer(many=True)
    categories = CategoryRefSerializer(many=True)
    queries = serializers.ListField(child=serializers.CharField())
