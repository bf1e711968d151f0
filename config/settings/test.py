"""Settings of the test suite: the same code, quick hashes, mail in memory."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Before base reads it: database, cache, broker and files of each test process lie apart.
VAR_DIR = Path(tempfile.mkdtemp(prefix="storefront-test-"))
os.environ["VAR_DIR"] = str(VAR_DIR)
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)

from .base import *  # noqa: E402, F403
from .base import CACHES, DATABASES, STORAGES  # noqa: E402

ENVIRONMENT = "test"
SECRET_KEY = "only-for-tests-and-never-for-a-shop-0123456789abcdef"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

CACHES["default"]["KEY_PREFIX"] = os.environ.get("PYTEST_XDIST_WORKER", "")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, because shared-cache memory databases ignore the time-out.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

TALLY_SECONDS = 0
PAYMENTS_USE_SANDBOX = True
RAZORPAY_KEY_ID = "rzp_test_0123456789abcd"
RAZORPAY_KEY_SECRET = "test-key-secret"  # noqa: S105
RAZORPAY_WEBHOOK_SECRET = "test-webhook-secret"  # noqa: S105
RAZORPAY_BASE_URL = "http://127.0.0.1:9"
STRIPE_SECRET_KEY = "sk_test_0123456789abcdef"  # noqa: S105
STRIPE_PUBLISHABLE_KEY = "pk_test_0123456789abcdef"
STRIPE_WEBHOOK_SECRET = "whsec_0123456789abcdef"  # noqa: S105
STRIPE_BASE_URL = "http://127.0.0.1:9/stripe"
CHAPA_SECRET_KEY = "CHASECK_TEST-0123456789abcdef"  # noqa: S105
CHAPA_WEBHOOK_SECRET = "chapa-webhook-secret"  # noqa: S105
CHAPA_BASE_URL = "http://127.0.0.1:9/chapa"
