"""What the digest of low stock shows."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.models import StockAlert

from .mails import Attachment, OutOfDate, refuse_others
from .tables import write_table

SHOWN = 50
MOST = 2000


def digest_context(since: datetime | None, reader: User | None) -> dict[str, Any]:
    """Return what the mail shows: what is open now, what is new first."""
    refuse_others("low_stock_digest", reader)
    alerts = StockAlert.objects.waiting().select_related("variant__product", "variant__stock")
    rows = [_row(alert, since) for alert in alerts.order_by("-created_at", "-pk")[:MOST]]
    if not rows:
        raise OutOfDate("Nothing is low any more.")
    return {
        "subject_values": {
            "count": len(rows),
            "things": "item is" if len(rows) == 1 else "items are",
        },
        "new": sum(row["is_new"] for row in rows),
        "rows": rows[:SHOWN],
        "left_out": max(0, len(rows) - SHOWN),
        "alerts_url": settings.SITE_URL + reverse("admin:catalog_stockalert_changelist"),
        "attachments": [_table(rows)],
    }


def _row(alert: StockAlert, since: datetime | None) -> dict[str, Any]:
    variant = alert.variant
    return {
        "product": variant.product.name,
        "options": ", ".join(f"{key} {value}" for key, value in variant.attributes.items()),
        "sku": variant.sku,
        "left": variant.stock.available,
        "threshold": variant.low_stock_threshold,
        "opened": timezone.localtime(alert.created_at),
        "is_new": since is not None and alert.created_at > since,
    }


def _table(rows: list[dict[str, Any]]) -> Attachment:
    header = ["sku", "product", "options", "left", "threshold", "low_since", "is_new"]
    cells = [
        (
            row["sku"],
            row["product"],
            row["options"],
            row["left"],
            row["threshold"],
            row["opened"].isoformat(timespec="minutes"),
            "yes" if row["is_new"] else "no",
        )
        for row in rows
    ]
    return Attachment(f"low-stock-{timezone.localdate()}.csv", write_table(header, cells))
