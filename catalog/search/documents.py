"""Keeps the document of every product; its words are counted a moment later by a worker."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from typing import Any

from django.db import transaction

from config.bulk import insert_rows, upsert_rows
from config.transactions import retried

from ..models import Category, Product, SearchDocument, SearchRecount, Variant
from .samples import sample_words
from .words import joined_words_of, numbers_in, words_of, words_with_joined

Row = Any  # a named tuple of the columns read
Texts = list[str]  # what a document has, in the order of COLUMNS

COLUMNS = ["name", "codes", "labels", "body"]
# Of a very long text, its first words; and an attribute that is no list of other products.
_MAX_WORDS, _MAX_LETTERS, _MAX_VALUE = 1000, 20_000, 60
_PART_NUMBERS = ("mpn", "part_number")
_READ = ("pk", "name", "brand", "description", "category_id", "archived_at")
_READ_OF_VARIANTS = ("sku", "name", "barcode", "attributes")


@retried
@transaction.atomic
def index_products(product_ids: Iterable[int]) -> int:
    """Write the documents of products as they are now; return how many changed."""
    ids = sorted(set(product_ids))
    locked = Product.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    products = list(locked.values_list(*_READ, named=True))
    written = SearchDocument.objects.filter(pk__in=ids).values_list("pk", *COLUMNS)
    before = {pk: texts for pk, *texts in written}
    after = dict(make_documents(products))
    changed = [pk for pk in ids if before.get(pk) != after.get(pk)]
    if changed:
        _note_counted({pk: " ".join(before.get(pk, ())) for pk in changed})
        _write({pk: after.get(pk) for pk in changed}, before)
    return len(changed)


def _note_counted(words: dict[int, str]) -> None:
    """Have the words of products counted anew; what was noted earlier stays what is counted.

    Its time is changed all the same: that locks the row, and so nobody counts before our commit.
    """
    rows = [SearchRecount(product_id=pk, counted=text) for pk, text in words.items()]
    upsert_rows(rows, ["changed_at"])


def _write(documents: dict[int, Texts | None], before: Container[int]) -> None:
    """Write documents of locked products, which nobody else writes."""
    gone = [pk for pk, texts in documents.items() if texts is None]
    if gone:
        SearchDocument.objects.filter(pk__in=gone).delete()
    kept = [(pk, *texts) for pk, texts in documents.items() if texts is not None]
    new = [row for row in kept if row[0] not in before]
    insert_rows(SearchDocument, ["product", *COLUMNS], new)
    upsert_rows([SearchDocument(*row) for row in kept if row[0] in before], COLUMNS)


def make_documents(products: Iterable[Row]) -> Iterator[tuple[int, Texts]]:
    """Make the documents of products that are not archived; nothing is saved."""
    products = [product for product in products if product.archived_at is None]
    ids = [product.pk for product in products]
    names = _category_names({product.category_id for product in products})
    variants = defaultdict(list)
    rows = Variant.objects.filter(product__in=ids, archived_at=None).order_by("pk")
    for row in rows.values_list("product_id", *_READ_OF_VARIANTS, named=True):
        variants[row.product_id].append(row)
    tags = defaultdict(list)
    links = Product.tags.through.objects.filter(product__in=ids).order_by("tag_id")
    for product_id, tag in links.values_list("product_id", "tag__name"):
        tags[product_id].append(tag)
    for product in products:
        groups = names[product.category_id] + tags[product.pk]
        yield product.pk, _texts(product, variants[product.pk], groups)


def _category_names(category_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of each category and those that it is below, from the root on."""
    categories = Category.objects.filter(pk__in=category_ids).values_list("pk", "path")
    chains = {pk: [int(step) for step in path.strip("/").split("/")] for pk, path in categories}
    wanted = {step for chain in chains.values() for step in chain}
    names = dict(Category.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return {pk: [names.get(step, "") for step in chain] for pk, chain in chains.items()}


def _texts(product: Row, variants: list[Row], groups: list[str]) -> Texts:
    attributes = [pair for variant in variants for pair in variant.attributes.items()]
    codes = [code for variant in variants for code in (variant.sku, variant.barcode)]
    codes += [str(value) for name, value in attributes if name in _PART_NUMBERS]
    values = [
        value for _, value in attributes if isinstance(value, str) and len(value) <= _MAX_VALUE
    ]
    name = words_of(product.name)
    code = words_of(product.brand)
    for text in (product.brand, product.name, *codes):
        code += joined_words_of(text)
    code += words_of(" ; ".join(codes))
    body = sample_words(product.pk)
    for text in (product.description, *(variant.name for variant in variants), *values):
        body += words_with_joined(text[:_MAX_LETTERS])
    for word in (*name, *code):
        body += numbers_in(word)
    return [
        _spaced(name),
        _spaced(dict.fromkeys(code)),
        _spaced(words_of(" , ".join(groups))),
        _spaced(dict.fromkeys(body)),
    ]


def _spaced(words: Iterable[str]) -> str:
    return f" {' '.join(list(words)[:_MAX_WORDS])} "
