from django.db import models
from django.utils import timezone

from config.audit import Audit


class ProductImage(models.Model):
    """A picture of a product; its thumbnail is made by a worker."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="images")
    # The product again where this is its primary picture, else NULL: at most one a product.
    primary_of = models.OneToOneField(
        "catalog.Product",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="primary_image",
        editable=False,
    )
    file = models.ImageField(upload_to="products/%Y/%m/", max_length=255)
    thumbnail = models.ImageField(upload_to="thumbnails/%Y/%m/", max_length=255, blank=True)
    # When a worker tries next to make the thumbnail: empty once it is made or given up.
    thumbnail_due_at = models.DateTimeField(
        null=True, default=timezone.now, db_index=True, editable=False
    )
    thumbnail_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    alt_text = models.CharField(max_length=255, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    audit = Audit(name="product.slug", skipped=("thumbnail",))

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.alt_text or self.file.name

    @property
    def is_primary(self) -> bool:
        return self.primary_of_id is not None
