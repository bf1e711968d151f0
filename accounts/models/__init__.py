"""People, their addresses and shops, and what proves that somebody is who they say."""

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
    "User",
]
