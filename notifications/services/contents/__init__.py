"""What mails and SMS show: one module for what they are about."""

from collections.abc import Callable
from typing import Any

from ...models import Message
from .accounts import hide_code, show_account, show_code
from .carts import show_cart
from .daily_report import show_report
from .low_stock import show_low_stock
from .orders import show_order, show_payment, show_refund, show_return, show_shipment
from .products import show_product
from .webhooks import show_endpoint

# For each thing that the data of a message may name.
_SHOWN_FOR: dict[str, Callable[[Message], dict[str, Any]]] = {
    "cart_id": show_cart,
    "user_id": show_account,
    "code_id": show_code,
    "payment_id": show_payment,
    "refund_id": show_refund,
    "shipment_id": show_shipment,
    "return_id": show_return,
    "endpoint_id": show_endpoint,
    "report_day": show_report,
    "alerts_until": show_low_stock,
    "product_id": show_product,
    "order_id": show_order,
}
_SHOWN_TO_STAFF = _SHOWN_FOR | {"code_id": hide_code}


def contents_of(message: Message, *, for_staff: bool) -> dict[str, Any]:
    """Return what the templates of a message show, or raise OutOfDate where it is not so now."""
    contents: dict[str, Any] = {}
    for name, show in (_SHOWN_TO_STAFF if for_staff else _SHOWN_FOR).items():
        if name in message.data:
            contents |= show(message)
    return contents
