"""One machine, no server installed: secrets are made once and kept under var/."""

import fcntl
import json
import secrets

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, SANDBOX_URL, STORAGES, VAR_DIR, env

ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "testserver"]


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "RAZORPAY_KEY_ID": f"rzp_test_{secrets.token_hex(7)}",
        "RAZORPAY_KEY_SECRET": secrets.token_urlsafe(24),
        "RAZORPAY_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(16)}",
        "STRIPE_PUBLISHABLE_KEY": f"pk_test_{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
        "CHAPA_SECRET_KEY": f"CHASECK_TEST-{secrets.token_hex(16)}",
        "CHAPA_WEBHOOK_SECRET": secrets.token_urlsafe(24),
    }


def _local_secrets() -> dict[str, str]:
    """Read this machine's random secrets, made by whichever process comes first.

    A file of an earlier version keeps what it has and gets what it lacks.
    """
    path = VAR_DIR / "secrets.json"
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (VAR_DIR / "secrets.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes of the shop start together
        kept = json.loads(path.read_text()) if path.exists() else {}
        made = _new_secrets()
        if made.keys() <= kept.keys():
            return kept
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made | kept))
        draft.replace(path)
        return made | kept


_made = _local_secrets()
SECRET_KEY = env.str("SECRET_KEY", "") or _made["SECRET_KEY"]

# Without keys of its own the shop is paid in the sandbox on this machine.
PAYMENTS_USE_SANDBOX = not env.str("RAZORPAY_KEY_ID", "")
if PAYMENTS_USE_SANDBOX:
    RAZORPAY_KEY_ID = _made["RAZORPAY_KEY_ID"]
    RAZORPAY_KEY_SECRET = _made["RAZORPAY_KEY_SECRET"]
    RAZORPAY_WEBHOOK_SECRET = _made["RAZORPAY_WEBHOOK_SECRET"]
    RAZORPAY_BASE_URL = env.str("RAZORPAY_BASE_URL", SANDBOX_URL)
    if not env.str("STRIPE_SECRET_KEY", ""):
        STRIPE_SECRET_KEY = _made["STRIPE_SECRET_KEY"]
        STRIPE_PUBLISHABLE_KEY = _made["STRIPE_PUBLISHABLE_KEY"]
        STRIPE_WEBHOOK_SECRET = _made["STRIPE_WEBHOOK_SECRET"]
        STRIPE_BASE_URL = env.str("STRIPE_BASE_URL", f"{SANDBOX_URL}/stripe")
    if not env.str("CHAPA_SECRET_KEY", ""):
        CHAPA_SECRET_KEY = _made["CHAPA_SECRET_KEY"]
        CHAPA_WEBHOOK_SECRET = _made["CHAPA_WEBHOOK_SECRET"]
        CHAPA_BASE_URL = env.str("CHAPA_BASE_URL", f"{SANDBOX_URL}/chapa")

# Static files are served from where the libraries keep them: compressing takes a minute.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
