"""Carts, and what prices depend on beside them: coupons, tax rates, shipping methods."""

from .cart import Cart, CartItem, CartItemQuerySet, CartQuerySet
from .coupon import Coupon, CouponQuerySet, CouponUse, DiscountType, read_code
from .terms import BandBy, ShippingMethod, ShippingZone, TaxRate
from .wishlist import WishlistItem

__all__ = [
    "BandBy",
    "Cart",
    "CartItem",
    "CartItemQuerySet",
    "CartQuerySet",
    "Coupon",
    "CouponQuerySet",
    "CouponUse",
    "DiscountType",
    "ShippingMethod",
    "ShippingZone",
    "TaxRate",
    "WishlistItem",
    "read_code",
]
