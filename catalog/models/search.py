from django.db import models

from .product import Product


class SearchDocument(models.Model):
    """The words of a product, normalised, each text with a space around every word.

    The database keeps its own full-text index of these columns: a tsvector on PostgreSQL, a
    FULLTEXT column on MariaDB and MySQL, an FTS5 table on SQLite.
    """

    # No key of the database's: the words of a deleted product are still to be taken off the counts.
    product = models.OneToOneField(
        Product,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="search_document",
    )
    name = models.TextField()
    codes = models.TextField()  # brand, SKUs, part numbers, and compounds written as one word
    labels = models.TextField()  # categories from the root on, and tags
    body = models.TextField()  # sample words, description and attributes, each word once

    def __str__(self) -> str:
        return self.name.strip()


class SearchWord(models.Model):
    """A word of the catalogue, and how many products have it."""

    word = models.CharField(max_length=64, unique=True)
    frequency = models.PositiveIntegerField(default=0, db_index=True)

    def __str__(self) -> str:
        return self.word


class SearchRecount(models.Model):
    """A product whose words are to be counted anew, with those that are counted now.

    The row of no product, 0, keeps others from counting while all words are counted anew.
    """

    product_id = models.BigIntegerField(primary_key=True)
    counted = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.product_id)


class SearchRename(models.Model):
    """The old name of a category or tag: documents that have it are to be written anew."""

    words = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.words.strip()
