"""Writes cancellation documents: kept for reports, they change no order (R4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction

from catalog.importing.online_retail import SOURCE
from config.importing import in_store_time
from config.transactions import retried

from ..models import CancellationDocument, CancellationLine
from .documents import Document


@dataclass
class CancellationPlan:
    """What a batch has to write: whole documents, and lines that documents lack."""

    new: list[Document] = field(default_factory=list)
    missing: dict[int, Document] = field(default_factory=dict)  # with the missing rows only
    # Documents whose customer was not known before: one is only known by a sale.
    owners: dict[int, str] = field(default_factory=dict)
    unchanged: int = 0


def plan_cancellations(documents: list[Document], customers: dict[str, UUID]) -> CancellationPlan:
    """Compare a batch with what is there, line by line."""
    known = {
        row.external_id: row
        for row in CancellationDocument.objects.filter(
            external_source=SOURCE, external_id__in=[doc.invoice for doc in documents]
        ).prefetch_related("lines")
    }
    plan = CancellationPlan()
    for document in documents:
        found = known.get(document.invoice)
        if found is None:
            plan.new.append(document)
            continue
        there = {line.position for line in found.lines.all()}
        rows = [row for row in document.rows if row.position not in there]
        if rows:
            plan.missing[found.pk] = Document(document.invoice, rows)
        if found.user_id is None and document.customer in customers:
            plan.owners[found.pk] = document.customer
        if found.pk not in plan.missing and found.pk not in plan.owners:
            plan.unchanged += 1
    return plan


@retried
@transaction.atomic
def write_cancellations(plan: CancellationPlan, customers: dict[str, UUID]) -> None:
    """Write a batch of documents with all their lines, or nothing of it."""
    CancellationDocument.objects.bulk_create(_new_document(doc, customers) for doc in plan.new)
    _complete(plan, customers)
    CancellationLine.objects.bulk_create(_new_lines(plan))


def _new_document(document: Document, customers: dict[str, UUID]) -> CancellationDocument:
    return CancellationDocument(
        external_source=SOURCE,
        external_id=document.invoice,
        user_id=customers.get(document.customer),
        country=document.country,
        currency=settings.STORE_CURRENCY,
        total_amount=document.total,
        created_at=in_store_time(document.time),
    )


def _complete(plan: CancellationPlan, customers: dict[str, UUID]) -> None:
    touched = plan.missing.keys() | plan.owners.keys()
    rows = CancellationDocument.objects.select_for_update().filter(pk__in=touched)
    for row in rows.order_by("pk"):
        if lacking := plan.missing.get(row.pk):
            row.total_amount += lacking.total
            row.created_at = min(row.created_at, in_store_time(lacking.time))
        if owner := plan.owners.get(row.pk):
            row.user_id = customers[owner]
        row.save()


def _new_lines(plan: CancellationPlan) -> Iterator[CancellationLine]:
    # Read again, because on MySQL a bulk insert gives no keys back.
    keys = dict(
        CancellationDocument.objects.filter(
            external_source=SOURCE, external_id__in=[doc.invoice for doc in plan.new]
        ).values_list("external_id", "pk")
    )
    lines = {keys[doc.invoice]: doc for doc in plan.new} | plan.missing
    for document_id, document in lines.items():
        for row in document.rows:
            yield CancellationLine(
                document_id=document_id,
                position=row.position,
                sku=row.code,
                name=row.name,
                quantity=row.quantity,
                unit_price=row.price,
            )
