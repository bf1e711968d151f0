"""Sign-in with Google: the id_token that its button gives to a frontend."""

from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare
from jwt import PyJWKClient

from .identity import Identity, NotVerified, ProviderUnavailable

ISSUERS = ["https://accounts.google.com", "accounts.google.com"]
_TIMEOUT = 5
_LEEWAY = 10  # seconds by which clocks may differ
_REQUIRED = ["iss", "aud", "exp", "iat", "sub", "nonce"]


def is_configured() -> bool:
    return bool(settings.GOOGLE_CLIENT_ID)


def verify(id_token: str, nonce: str) -> Identity:
    """Return whom Google says a token is about; raise NotVerified unless all of it fits."""
    claims = _claims_of(id_token)
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise NotVerified()
    email = str(claims.get("email") or "")
    return Identity(
        subject=str(claims["sub"])[:255],
        email=email,
        is_email_verified=claims.get("email_verified") in (True, "true") and len(email) <= 254,
        first_name=str(claims.get("given_name") or "")[:150],
        last_name=str(claims.get("family_name") or "")[:150],
    )


def _claims_of(id_token: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            id_token,
            _key_of(id_token),
            algorithms=["RS256"],
            audience=settings.GOOGLE_CLIENT_ID,
            issuer=ISSUERS,
            leeway=_LEEWAY,
            options={"require": _REQUIRED},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise NotVerified() from error


def _key_of(id_token: str) -> jwt.PyJWK:
    keys = _keys(settings.GOOGLE_JWKS_URL)
    try:
        keys.get_signing_keys()
    except (jwt.PyJWTError, ValueError, OSError) as error:  # no answer, or not Google's
        raise ProviderUnavailable() from error
    return keys.get_signing_key_from_jwt(id_token)


@lru_cache
def _keys(address: str) -> PyJWKClient:
    """Keep Google's keys between calls; a key that is new there is fetched when it is met."""
    return PyJWKClient(address, timeout=_TIMEOUT)
