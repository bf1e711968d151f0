"""What the digest of low stock shows."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.models import StockAlert

from ...models import Message
from ..mails import Attachment, OutOfDate, refuse_others
from .tables import write_table
from .writing import show_options

SHOWN = 50
MOST = 2000


def show_low_stock(message: Message) -> dict[str, Any]:
    """Show what is open now, the newest first."""
    refuse_others("low_stock_digest", message.user)
    since = parse_datetime(message.data["alerts_since"])
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
        "options": show_options(variant.attributes),
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
