from config.errors import DomainError


class Duplicate(DomainError):
    code = "duplicate"
    message = "There is already one like it. Change that one instead."


class CouponUnavailable(DomainError):
    """Raised with the reason, as carts show it in `refused`."""

    code = "coupon_unavailable"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.details = {"reason": str(reason), "message": message}
