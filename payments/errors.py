from config.errors import DomainError


class GatewayError(DomainError):
    """The gateway did not answer, or refused; `is_retryable` where the same call may succeed.

    After a retryable error nobody knows whether the gateway did what it was asked.
    """

    code = "gateway_error"
    message = "The payment service does not answer. Nothing is lost: try again in a moment."

    def __init__(self, message: str | None = None, *, is_retryable: bool = True) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable


class AlreadyPaid(DomainError):
    code = "already_paid"
    message = "This order is paid already."


class SignatureInvalid(DomainError):
    code = "signature_invalid"
    message = "The signature does not fit. Nothing was changed."


class NothingToRefund(DomainError):
    message = "There is nothing left of this payment that could be refunded."


class EventRefused(DomainError):
    message = "It is not handled: its signature did not fit, or its body is kept no more."


class SaysOtherwise(DomainError):
    message = "Meanwhile there is another reason to look at this payment. Look again."
