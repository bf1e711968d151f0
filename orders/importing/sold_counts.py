"""Tells the catalogue how often the products of a source were sold."""

from django.db.models import Sum

from catalog.services.popularity import set_sold_counts

from ..models import OrderLine, OrderStatus, PaymentStatus


def tell_sold_counts(source: str) -> None:
    """Count the pieces in paid orders that were not cancelled, for each product of a source."""
    lines = OrderLine.objects.filter(
        product__external_source=source, order__payment_status=PaymentStatus.PAID
    ).exclude(order__status=OrderStatus.CANCELLED)
    sold = lines.order_by().values("product_id").annotate(pieces=Sum("quantity"))
    set_sold_counts({row["product_id"]: row["pieces"] for row in sold})
