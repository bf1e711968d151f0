from __future__ import annotations

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef

from config.audit import Audit


class CategoryQuerySet(models.QuerySet["Category"]):
    def descendants_of(self, category: Category) -> CategoryQuerySet:
        """Return the category and all below it."""
        return self.filter(path__startswith=category.path)

    def shown(self) -> CategoryQuerySet:
        """Keep active categories that are below active ones alone."""
        path = ExpressionWrapper(OuterRef("path"), output_field=models.CharField())
        hidden = Category.objects.filter(is_active=False).alias(below=path)
        return self.filter(~Exists(hidden.filter(below__startswith=F("path"))))

    def above(self, category: Category) -> CategoryQuerySet:
        """Return the category and all that it is below."""
        return self.filter(pk__in=category.path.strip("/").split("/"))


class Category(models.Model):
    """A node of the tree of categories."""

    MAX_DEPTH = 50  # with ids of up to eleven digits, paths of 600 characters at most

    name = models.CharField(max_length=150)
    slug = models.SlugField(max_length=160, unique=True)
    description = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    # The ids from the root to this category, "/3/17/": all descendants by one prefix.
    path = models.CharField(max_length=600, db_index=True, editable=False, default="/")
    image = models.ImageField(upload_to="categories/", blank=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CategoryQuerySet.as_manager()

    audit = Audit(name="slug", skipped=("path",))

    class Meta:
        ordering = ["position", "name", "id"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def is_hidden(self) -> bool:
        """Tell whether this category or one that it is below is inactive."""
        return Category.objects.above(self).filter(is_active=False).exists()
