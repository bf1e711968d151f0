"""How a test comes by what people read from their mail, phone or authenticator."""

from types import SimpleNamespace

import pytest
from django_otp.oath import TOTP

from accounts.models import Authenticator, CodePurpose, OneTimeCode
from accounts.services import two_factor
from accounts.services.codes import digits_of
from accounts.services.two_factor import begin_setup, confirm_setup
from accounts.tasks import address_resets


@pytest.fixture
def still_clock(monkeypatch):
    """Keep authenticators within one step of 30 seconds, however long a test takes."""
    monkeypatch.setattr(two_factor, "time", SimpleNamespace(time=lambda: 1_800_000_010))


def sent_code(recipient, purpose=CodePurpose.RESET):
    """Return the digits of the code that is live for a recipient, once a worker has run."""
    address_resets()
    return digits_of(OneTimeCode.objects.get(recipient=recipient, purpose=purpose))


def other_than(digits):
    """Return digits that are surely wrong."""
    return f"{(int(digits) + 1) % 10**6:06}"


def totp_code(user, steps=0):
    """Return what the user's authenticator shows so many steps of 30 seconds from now."""
    totp = TOTP(bytes.fromhex(Authenticator.objects.get(user=user).key))
    totp.time = two_factor.time.time() + 30 * steps
    return f"{totp.token():06}"


def enable_two_factor(user):
    """Turn two-factor login on; return the recovery codes. The present step is used up."""
    begin_setup(user_id=user.pk)
    codes = confirm_setup(user_id=user.pk, code=totp_code(user, steps=-1))
    user.refresh_from_db()
    return codes
