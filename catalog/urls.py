from django.urls import path

from .views.groups import CategoryViewSet, CollectionViewSet, TagViewSet
from .views.interest import LikeView, NotifyMeView
from .views.inventory import AlertViewSet, TransactionViewSet
from .views.parts import ImageViewSet, VariantViewSet
from .views.products import LowStockView, ProductViewSet
from .views.reviews import ProductReviewViewSet, ReviewViewSet
from .views.search import SearchView, SuggestionsView
from .views.sellers import SellerViewSet

_MANY = {"get": "list", "post": "create"}
_ONE = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("categories/", CategoryViewSet.as_view(_MANY), name="categories"),
    path("categories/<slug:category>/", CategoryViewSet.as_view(_ONE), name="category"),
    path("categories/<slug:category>/products/", ProductViewSet.as_view({"get": "of_category"})),
    path("collections/", CollectionViewSet.as_view(_MANY), name="collections"),
    path("collections/<slug:collection>/", CollectionViewSet.as_view(_ONE), name="collection"),
    path("tags/", TagViewSet.as_view(_MANY), name="tags"),
    path("tags/<slug:tag>/", TagViewSet.as_view(_ONE), name="tag"),
    path("products/", ProductViewSet.as_view(_MANY), name="products"),
    path("products/featured/", ProductViewSet.as_view({"get": "featured"})),
    path("products/best-sellers/", ProductViewSet.as_view({"get": "best_sellers"})),
    path("products/flash-sale/", ProductViewSet.as_view({"get": "flash_sale"})),
    path("products/new/", ProductViewSet.as_view({"get": "new"})),
    path("products/low-stock/", LowStockView.as_view()),
    path("products/<slug:product>/", ProductViewSet.as_view(_ONE), name="product"),
    path("products/<slug:product>/variants/", VariantViewSet.as_view(_MANY)),
    path(
        "products/<slug:product>/variants/<int:pk>/",
        VariantViewSet.as_view(_ONE),
        name="product-variant",
    ),
    path("products/<slug:product>/images/", ImageViewSet.as_view(_MANY)),
    path(
        "products/<slug:product>/images/<int:pk>/",
        ImageViewSet.as_view(_ONE),
        name="product-image",
    ),
    path(
        "products/<slug:product>/reviews/",
        ProductReviewViewSet.as_view({"get": "list", "post": "create"}),
    ),
    path("products/<slug:product>/like/", LikeView.as_view()),
    path("products/<slug:product>/notify-me/", NotifyMeView.as_view()),
    path("reviews/", ReviewViewSet.as_view({"get": "list"})),
    path(
        "reviews/<int:pk>/",
        ReviewViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="review",
    ),
    path("reviews/<int:pk>/helpful/", ReviewViewSet.as_view({"post": "helpful"})),
    path("sellers/", SellerViewSet.as_view(_MANY)),
    path(
        "sellers/<slug:seller>/",
        SellerViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="seller",
    ),
    path("sellers/<slug:seller>/approve/", SellerViewSet.as_view({"post": "approve"})),
    path("sellers/<slug:seller>/suspend/", SellerViewSet.as_view({"post": "suspend"})),
    path("search/", SearchView.as_view()),
    path("search/suggestions/", SuggestionsView.as_view()),
    path("inventory/transactions/", TransactionViewSet.as_view(_MANY)),
    path(
        "inventory/transactions/<int:pk>/",
        TransactionViewSet.as_view({"get": "retrieve"}),
        name="inventory-transaction",
    ),
    path("inventory/alerts/", AlertViewSet.as_view({"get": "list"})),
    path(
        "inventory/alerts/<int:pk>/acknowledge/",
        AlertViewSet.as_view({"post": "acknowledge"}),
    ),
]
