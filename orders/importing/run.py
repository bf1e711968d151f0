"""Imports the Online Retail file: one pass to count, one pass to write, both streaming."""

from collections import Counter
from datetime import datetime
from itertools import chain
from uuid import UUID

from catalog.importing.online_retail import SOURCE, Kind, has_header, read_rows
from catalog.importing.writing import write_products
from catalog.models import Product, Variant
from config.bulk import refresh_statistics
from config.importing import ImportRefused, OnBatch, Skips, in_store_time, open_lines

from ..models import CancellationDocument, CancellationLine, Order, OrderLine
from ..services.popularity import refresh_popularity
from .cancellations import plan_cancellations, write_cancellations
from .customers import write_customers
from .documents import Document, FileTally, batches_by_rows, gather
from .sales import Article, plan_orders, write_orders

BATCH_ROWS = 1500  # under half a second on SQLite, where nobody else can write meanwhile


def import_orders(
    path: str,
    *,
    skips: Skips,
    until: datetime | None = None,
    is_dry_run: bool = False,
    on_batch: OnBatch | None = None,
) -> Counter[str]:
    """Bring in what the file has and the shop lacks; a run that was cut off can be repeated."""
    tally = FileTally()
    with open_lines(path, "Counting") as lines:
        first = next(lines, "")
        if not has_header(first):
            raise ImportRefused("The file is no Online Retail CSV: its header is another.")
        tally.read(read_rows(chain([first], lines), until), skips)
    counts = write_products(
        tally.products.products(),
        is_dry_run=is_dry_run,
        keep_existing=_has_later_orders(until),
        on_batch=on_batch,
    )
    customers = write_customers(tally.customers, is_dry_run=is_dry_run, on_batch=on_batch)
    counts["customers added"] = customers.added
    counts["customers as they were"] = len(tally.customers) - customers.added
    writer = _Writer(customers.keys, is_dry_run=is_dry_run)
    with open_lines(path, "Writing" if not is_dry_run else "Comparing") as lines:
        documents = gather(read_rows(lines, until), tally.rows_of)
        for batch in batches_by_rows(documents, BATCH_ROWS):
            counts.update(writer.write(batch))
            if on_batch:
                on_batch()
    if not is_dry_run:
        refresh_popularity()
        if counts["order lines added"]:
            refresh_statistics(Product, Order, OrderLine, CancellationDocument, CancellationLine)
    return counts


def _has_later_orders(until: datetime | None) -> bool:
    """Tell whether more was imported before: then products stay named by all of it."""
    if until is None:
        return False
    imported = Order.objects.filter(external_source=SOURCE)
    return imported.filter(created_at__gte=in_store_time(until)).exists()


class _Writer:
    """Writes batches of documents of both kinds, with the keys of what they point to."""

    def __init__(self, customers: dict[str, UUID], *, is_dry_run: bool) -> None:
        self.customers = customers
        self.is_dry_run = is_dry_run
        self.articles = _articles()

    def write(self, batch: list[Document]) -> Counter[str]:
        sales = [document for document in batch if document.kind is Kind.SALE]
        others = [document for document in batch if document.kind is Kind.CANCELLATION]
        return Counter({**self._write_orders(sales), **self._write_cancellations(others)})

    def _write_orders(self, documents: list[Document]) -> Counter[str]:
        plan = plan_orders(documents)
        if not self.is_dry_run and (plan.new or plan.missing):
            write_orders(plan, self.articles, self.customers)
        added = [*plan.new, *plan.missing.values()]
        return Counter(
            {
                "orders added": len(plan.new),
                "orders with lines added": len(plan.missing),
                "orders as they were": plan.unchanged,
                "order lines added": sum(len(document.rows) for document in added),
            }
        )

    def _write_cancellations(self, documents: list[Document]) -> Counter[str]:
        plan = plan_cancellations(documents, self.customers)
        if not self.is_dry_run and (plan.new or plan.missing or plan.owners):
            write_cancellations(plan, self.customers)
        added = [*plan.new, *plan.missing.values()]
        return Counter(
            {
                "cancellations added": len(plan.new),
                "cancellations completed": len(plan.missing.keys() | plan.owners.keys()),
                "cancellations as they were": plan.unchanged,
                "cancellation lines added": sum(len(document.rows) for document in added),
            }
        )


def _articles() -> dict[str, Article]:
    """Return by its code what lines of a product point to: its first variant."""
    variants = Variant.objects.filter(product__external_source=SOURCE)
    rows = variants.order_by("-position", "-pk").values_list(
        "product__external_id", "product_id", "pk"
    )
    return {code: Article(product_id, pk) for code, product_id, pk in rows if code}
