"""Settings of the test suite: the same code, quick hashes, mail in memory."""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import DATABASES, STORAGES

SECRET_KEY = "only-for-tests-and-never-for-a-shop-0123456789abcdef"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

VAR_DIR = Path(tempfile.mkdtemp(prefix="storefront-test-"))
MEDIA_ROOT = VAR_DIR / "media"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, because shared-cache memory databases ignore the time-out.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

PAYMENTS_USE_SANDBOX = True
RAZORPAY_KEY_ID = "rzp_test_0123456789abcd"
RAZORPAY_KEY_SECRET = "test-key-secret"  # noqa: S105
RAZORPAY_WEBHOOK_SECRET = "test-webhook-secret"  # noqa: S105
RAZORPAY_BASE_URL = "http://127.0.0.1:9"
