from django.conf import settings
from django.db import models


class WishlistItem(models.Model):
    """A product that a user may want later, in one variant or in any."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wishlist")
    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="wishes")
    variant = models.ForeignKey(
        "catalog.Variant", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "created_at", "id"], name="wishlist_of_user")]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="wishlist_product_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} for {self.user_id}"
