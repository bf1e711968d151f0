"""What the approval of a return means for the money of its order."""

from decimal import Decimal
from uuid import UUID

from config.money import format_money
from orders.models import ReturnRequest

from .causes import cause_of_return
from .locked import ask_for_person
from .refunds import owe_refund


def refund_return(*, return_id: UUID, amount: Decimal) -> None:
    """Send back what a return is worth, as far as captured payments of its order hold it.

    It runs in the transaction that approves the return, which holds the lock of the order.
    """
    request = ReturnRequest.objects.select_related("order").get(pk=return_id)
    locked = request.order.payments.select_for_update().order_by("pk")
    payments = [each for each in locked if each.is_captured and not each.is_surplus]
    left = amount
    for payment in payments:
        if left > 0:
            cause = cause_of_return(return_id, payment)
            left -= owe_refund(payment, cause=cause, reason="Pieces were sent back.", at_most=left)
    if left > 0 and payments:
        missing = f"{format_money(left, payments[-1].currency)} {payments[-1].currency}"
        ask_for_person(payments[-1], f"A return is worth {missing} more than what is left.")
