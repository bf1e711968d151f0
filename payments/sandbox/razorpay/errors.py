"""Razorpay's one shape of error."""

from typing import Any

from payments.sandbox.messages import Response

UNKNOWN_ID = "The id provided does not exist"
ALREADY_PAID = (
    "Your payment has been declined as the order is already paid."
    " Please initiate the payment with a new order."
)


class Refusal(Exception):
    """Ends a request with an error answer; what the request wrote is undone."""

    def __init__(
        self,
        description: str,
        *,
        status: int = 400,
        code: str = "BAD_REQUEST_ERROR",
        source: str | None = "business",
        step: str | None = "payment_initiation",
        reason: str | None = "input_validation_failed",
        field: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.error = {
            "code": code,
            "description": description,
            "source": source,
            "step": step,
            "reason": reason,
            "metadata": metadata or {},
        }
        if field:
            self.error["field"] = field

    def response(self) -> Response:
        return Response.json({"error": self.error}, self.status)


def without_place(description: str, status: int = 400) -> Refusal:
    """An error that has no source, step or reason."""
    return Refusal(description, status=status, source="NA", step="NA", reason="NA")
