"""The pages that a person sees."""

from payments.sandbox.messages import Request, Response
from payments.sandbox.razorpay.account import Account


def find(request: Request, account: Account) -> Response | None:
    return None
