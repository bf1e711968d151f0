from django.db import models


class OldSlug(models.Model):
    """A slug that something had once; a live one that is spelt the same comes first."""

    # The word for what had it, as in the addresses: product, category, collection,
    # tag or seller.
    kind = models.CharField(max_length=10)
    slug = models.CharField(max_length=255)
    # Its id; what had it may be gone meanwhile.
    owner_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="old_slug_once_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"
