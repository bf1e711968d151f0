"""What staff are told in the shop itself, those who may look after it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from catalog.models import StockAlert
from catalog.signals import stock_low
from payments.models import Payment
from payments.signals import payment_needs_person

from ..services.notices import name_some, tell_staff

_MOST_NAMED = 5


@receiver(stock_low)
def tell_low_stock(variant_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    """Tell of all that became low at once in one text."""
    rows = StockAlert.objects.filter(open_for__in=variant_ids).order_by("pk")
    alerts = list(rows.select_related("variant__product"))
    if not alerts:
        return
    left = [f"{row.variant.sku}: {row.stock_when_opened} left" for row in alerts]
    products = {row.variant.product_id for row in alerts}
    tell_staff(
        permission="catalog.view_stockalert",
        kind="stock_low",
        cause=str(alerts[0].pk),
        ids={"product_id": str(products.pop())} if len(products) == 1 else {},
        words={
            "things": name_some([row.variant.product.name for row in alerts], 1),
            "left": name_some(left, _MOST_NAMED),
        },
    )


@receiver(payment_needs_person)
def ask_for_somebody(payment_id: UUID, **kwargs: Any) -> None:  # noqa: ANN401
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    tell_staff(
        permission="payments.view_payment",
        kind="payment_needs_person",
        # Once a time that it is asked for: the same payment may ask again.
        cause=f"{payment_id}:{payment.updated_at.isoformat()}",
        ids={"payment_id": str(payment_id), "order_id": str(payment.order_id)},
        words={"number": payment.order.number, "why": payment.needs_person},
    )
