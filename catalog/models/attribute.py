from django.db import models


class ProductAttribute(models.Model):
    """What filters find a product by: each attribute of its active variants, once."""

    NAME_LENGTH = 50
    VALUE_LENGTH = 200

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=NAME_LENGTH)
    value = models.CharField(max_length=VALUE_LENGTH)

    class Meta:
        # On MySQL both texts are compared to the letter: the migration says so.
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name", "value"], name="product_attribute_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "value", "product"], name="product_by_attribute"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
