"""One machine, no server installed: secrets are made once and kept under var/."""

import json
import secrets

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, SANDBOX_URL, STORAGES, VAR_DIR, env

ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "testserver"]


def _local_secrets() -> dict[str, str]:
    """Read this machine's random secrets, made by whichever process comes first."""
    path = VAR_DIR / "secrets.json"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "RAZORPAY_KEY_ID": f"rzp_test_{secrets.token_hex(7)}",
            "RAZORPAY_KEY_SECRET": secrets.token_urlsafe(24),
            "RAZORPAY_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        }
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        try:
            path.hardlink_to(draft)  # fails, atomically, where another process was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return json.loads(path.read_text())


_made = _local_secrets()
SECRET_KEY = env.str("SECRET_KEY", "") or _made["SECRET_KEY"]

# Without keys of its own the shop is paid in the sandbox on this machine.
PAYMENTS_USE_SANDBOX = not env.str("RAZORPAY_KEY_ID", "")
if PAYMENTS_USE_SANDBOX:
    RAZORPAY_KEY_ID = _made["RAZORPAY_KEY_ID"]
    RAZORPAY_KEY_SECRET = _made["RAZORPAY_KEY_SECRET"]
    RAZORPAY_WEBHOOK_SECRET = _made["RAZORPAY_WEBHOOK_SECRET"]
    RAZORPAY_BASE_URL = env.str("RAZORPAY_BASE_URL", SANDBOX_URL)

# Static files are served from where the libraries keep them: compressing takes a minute.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
