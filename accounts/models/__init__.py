"""People, their addresses and shops, what proves who they are, and what staff did."""

from .audit import AuditEntry, Source, TrailFixed
from .people import (
    ERASED,
    Address,
    AddressType,
    AttemptCounter,
    Membership,
    RefreshToken,
    Seller,
    SellerStatus,
    User,
)
from .proofs import (
    Authenticator,
    CodePurpose,
    LoginChallenge,
    OneTimeCode,
    RecoveryCode,
    ResetGrant,
    SocialAccount,
)

__all__ = [
    "ERASED",
    "Address",
    "AddressType",
    "AttemptCounter",
    "AuditEntry",
    "Authenticator",
    "CodePurpose",
    "LoginChallenge",
    "Membership",
    "OneTimeCode",
    "RecoveryCode",
    "RefreshToken",
    "ResetGrant",
    "Seller",
    "SellerStatus",
    "SocialAccount",
    "Source",
    "TrailFixed",
    "User",
]
