"""What waits at the real gateways, and how long it waits here."""

from dataclasses import dataclass

END_REFUND = "end_refund"  # the timer of a refund that ends by itself


@dataclass
class Pace:
    """How long things take that last minutes or days at the real gateway, in seconds."""

    timeout_after: float = 2.0
    late_after: float = 5.0
    refund_after: float = 1.0
    created_timeout: float = 600.0
    refunds: str = "processed"

    def __post_init__(self) -> None:
        if self.refunds not in ("processed", "failed", "pending"):
            raise ValueError("refunds must be processed, failed or pending.")
        for name in ("timeout_after", "late_after", "refund_after", "created_timeout"):
            setattr(self, name, float(getattr(self, name)))
