"""What the OpenAPI document says of the parameters of product lists."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter


def _parameter(name: str, kind: OpenApiTypes, text: str, *, many: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=text, many=many)


PRODUCT_PARAMETERS = [
    _parameter("search", OpenApiTypes.STR, "Words in name, brand, SKU or description."),
    _parameter("category", OpenApiTypes.STR, "Id or slug, with all categories below.", many=True),
    _parameter("collection", OpenApiTypes.STR, "Id or slug.", many=True),
    _parameter("tag", OpenApiTypes.STR, "Id or slug.", many=True),
    _parameter("brand", OpenApiTypes.STR, "The brand's name.", many=True),
    _parameter("seller", OpenApiTypes.STR, "Id or slug.", many=True),
    _parameter("min_price", OpenApiTypes.NUMBER, "Costs at least this."),
    _parameter("max_price", OpenApiTypes.NUMBER, "Costs at most this."),
    _parameter("min_rating", OpenApiTypes.NUMBER, "Is rated at least this."),
    _parameter("in_stock", OpenApiTypes.BOOL, "False: sold out only."),
    _parameter("on_sale", OpenApiTypes.BOOL, "Costs less than it is set against."),
    _parameter("featured", OpenApiTypes.BOOL, "Picked by the shop."),
    _parameter("best_seller", OpenApiTypes.BOOL, "Sold most."),
    _parameter("flash_sale", OpenApiTypes.BOOL, "In a flash sale now."),
    _parameter(
        "attr_<name>", OpenApiTypes.STR, "An attribute of a variant, `attr_color=red`.", many=True
    ),
    _parameter("mine", OpenApiTypes.BOOL, "For sellers and staff: own products."),
    _parameter("is_active", OpenApiTypes.BOOL, "For sellers and staff."),
    _parameter(
        "ordering",
        OpenApiTypes.STR,
        "`price`, `name`, `created_at`, `rating`, `popularity`, each with `-` for its reverse, "
        "or `relevance` with `search`: the best match first.",
    ),
]
