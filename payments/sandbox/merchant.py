"""What a merchant has at a gateway that knows it by one secret key."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Merchant:
    secret_key: str
    webhook_secret: str = ""
    publishable_key: str = ""
    webhook_url: str | None = None
