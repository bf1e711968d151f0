from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .views import carts, coupons, terms, wishlist

router = SimpleRouter()
router.register("coupons", coupons.CouponViewSet, "coupon")
router.register("shipping-methods", terms.ShippingMethodViewSet, "shipping-method")
router.register("shipping-zones", terms.ShippingZoneViewSet, "shipping-zone")
router.register("tax-rates", terms.TaxRateViewSet, "tax-rate")

own = [
    path("", carts.CartView.as_view(), name="cart"),
    path("items/", carts.CartItemsView.as_view(), name="cart-items"),
    path("items/<uuid:item_id>/", carts.CartItemView.as_view(), name="cart-item"),
    path("coupon/", carts.CartCouponView.as_view(), name="cart-coupon"),
    path("merge/", carts.MergeView.as_view(), name="cart-merge"),
    path("add/", carts.AddView.as_view(), name="cart-add"),
    path("clear/", carts.ClearView.as_view(), name="cart-clear"),
]

by_id = [
    path("", carts.CartView.as_view(), name="cart-by-id"),
    path("items/", carts.CartItemsView.as_view(), name="cart-items-by-id"),
    path("items/<uuid:item_id>/", carts.CartItemView.as_view(), name="cart-item-by-id"),
    path("coupon/", carts.CartCouponView.as_view(), name="cart-coupon-by-id"),
]

wishes = [
    path("", wishlist.WishlistViewSet.as_view({"get": "list", "post": "create"}), name="wishlist"),
    path("ids/", wishlist.WishlistIdsView.as_view(), name="wishlist-ids"),
    path(
        "<slug:product>/",
        wishlist.WishlistViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="wish",
    ),
    path("<slug:product>/move-to-cart/", wishlist.MoveToCartView.as_view(), name="wish-to-cart"),
]

urlpatterns = [
    path("cart/", include(own)),
    path("carts/", carts.CartsView.as_view(), name="carts"),
    path("carts/<uuid:cart_id>/", include(by_id)),
    path("wishlist/", include(wishes)),
    path("", include(router.urls)),
]
