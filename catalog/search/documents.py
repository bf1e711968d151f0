"""Keeps the document of every product; its words are counted a moment later by a worker."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from config.transactions import retried
from config.upserts import upsert

from ..models import Category, Product, SearchDocument, SearchRecount, Variant
from .words import joined_words_of, numbers_in, words_of

COLUMNS = ["name", "codes", "labels", "body"]
# Of a very long text, its first words; and an attribute that is no list of other products.
_MAX_WORDS, _MAX_VALUE = 1000, 60
_PART_NUMBERS = ("mpn", "part_number")


@retried
@transaction.atomic
def index_products(product_ids: Iterable[int]) -> int:
    """Write the documents of products as they are now; return how many changed."""
    ids = sorted(set(product_ids))
    products = list(Product.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    before = SearchDocument.objects.in_bulk(ids)
    after = {row.pk: row for row in make_documents(products)}
    changed = [pk for pk in ids if _texts(before.get(pk)) != _texts(after.get(pk))]
    if not changed:
        return 0
    _note_counted({pk: before[pk].words() if pk in before else set() for pk in changed})
    upsert(SearchDocument, [after[pk] for pk in changed if pk in after], COLUMNS)
    SearchDocument.objects.filter(pk__in=[pk for pk in changed if pk not in after]).delete()
    return len(changed)


def _note_counted(words: dict[int, set[str]]) -> None:
    """Have the words of products counted anew; what was noted earlier stays what is counted.

    Its time is changed all the same: that locks the row, and so nobody counts before our commit.
    """
    rows = [SearchRecount(product_id=pk, counted=" ".join(words[pk])) for pk in words]
    upsert(SearchRecount, rows, ["changed_at"])


def _texts(document: SearchDocument | None) -> list[str] | None:
    return document and [getattr(document, column) for column in COLUMNS]


def make_documents(products: list[Product]) -> Iterator[SearchDocument]:
    """Make the documents of products that are not archived; nothing is saved."""
    products = [product for product in products if product.archived_at is None]
    names = _category_names(products)
    variants: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("product_id", "sku", "name", "barcode", "attributes")
    rows = Variant.objects.filter(product__in=products, archived_at=None).order_by("pk")
    for row in rows.values(*columns):
        variants[row["product_id"]].append(row)
    tags = defaultdict(list)
    links = Product.tags.through.objects.filter(product__in=products).order_by("tag_id")
    for product_id, tag in links.values_list("product_id", "tag__name"):
        tags[product_id].append(tag)
    for product in products:
        groups = names[product.category_id] + tags[product.pk]
        yield _document(product, variants[product.pk], groups)


def _category_names(products: list[Product]) -> dict[int, list[str]]:
    """Return the names of each category and those that it is below, from the root on."""
    paths = dict(
        Category.objects.filter(pk__in={product.category_id for product in products}).values_list(
            "pk", "path"
        )
    )
    chains = {pk: [int(step) for step in path.strip("/").split("/")] for pk, path in paths.items()}
    wanted = {step for chain in chains.values() for step in chain}
    names = dict(Category.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return {pk: [names.get(step, "") for step in chain] for pk, chain in chains.items()}


def _document(
    product: Product, variants: list[dict[str, Any]], groups: list[str]
) -> SearchDocument:
    attributes = [pair for row in variants for pair in row["attributes"].items()]
    codes = [row[column] for row in variants for column in ("sku", "barcode")]
    codes += [str(value) for name, value in attributes if name in _PART_NUMBERS]
    values = [
        value for _, value in attributes if isinstance(value, str) and len(value) <= _MAX_VALUE
    ]
    name = words_of(product.name)
    code = words_of(product.brand)
    for text in (product.brand, product.name, *codes):
        code += joined_words_of(text)
    for text in codes:
        code += words_of(text)
    body: list[str] = []
    for text in (product.description, *(row["name"] for row in variants), *values):
        body += words_of(text[:20_000]) + joined_words_of(text[:20_000])
    for word in (*name, *code):
        body += numbers_in(word)
    return SearchDocument(
        product_id=product.pk,
        name=_spaced(name),
        codes=_spaced(dict.fromkeys(code)),
        labels=_spaced(words_of(" , ".join(groups))),
        body=_spaced(dict.fromkeys(body)),
    )


def _spaced(words: Iterable[str]) -> str:
    return f" {' '.join(list(words)[:_MAX_WORDS])} "
