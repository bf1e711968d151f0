"""A real shop: refuses to start where something that it needs is missing or unsafe."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import (
    ALLOWED_HOSTS,
    CELERY_BROKER_URL,
    CHAPA_BASE_URL,
    CHAPA_SECRET_KEY,
    CHAPA_WEBHOOK_SECRET,
    DATABASES,
    DEBUG,
    RAZORPAY_BASE_URL,
    RAZORPAY_KEY_ID,
    RAZORPAY_KEY_SECRET,
    RAZORPAY_WEBHOOK_SECRET,
    REDIS_URL,
    SECRET_KEY,
    SITE_URL,
    SMS_BACKEND,
    STRIPE_BASE_URL,
    STRIPE_PUBLISHABLE_KEY,
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET,
    TWILIO_ACCOUNT_SID,
    TWILIO_AUTH_TOKEN,
    TWILIO_FROM,
    env,
)

PAYMENTS_USE_SANDBOX = False

_GATEWAYS = {
    "RAZORPAY_BASE_URL": RAZORPAY_BASE_URL,
    "STRIPE_BASE_URL": STRIPE_BASE_URL,
    "CHAPA_BASE_URL": CHAPA_BASE_URL,
}
_LOCAL_ADDRESSES = ("://localhost", "://127.", "://[::1]", "://0.0.0.0")


def _problems() -> list[str]:
    """Name everything that keeps this shop from starting, with what to do about it."""
    found = []
    placeholder = any(word in SECRET_KEY.lower() for word in ("change", "secret", "insecure"))
    if len(SECRET_KEY) < 40 or placeholder:
        found.append("SECRET_KEY is missing, short or a placeholder: set 50 random characters.")
    if DEBUG:
        found.append("DEBUG is true: it shows internals to everybody. Remove it.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        found.append("ALLOWED_HOSTS must name the hosts of this shop.")
    if not all((RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET, RAZORPAY_WEBHOOK_SECRET)):
        found.append(
            "RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET and RAZORPAY_WEBHOOK_SECRET must be set."
        )
    stripe = (STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY, STRIPE_WEBHOOK_SECRET)
    if any(stripe) and not all(stripe):
        found.append(
            "STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET: set all or none."
        )
    if bool(CHAPA_SECRET_KEY) != bool(CHAPA_WEBHOOK_SECRET):
        found.append("CHAPA_SECRET_KEY and CHAPA_WEBHOOK_SECRET: set both or none.")
    if SMS_BACKEND not in ("console", "file", "twilio"):
        found.append("SMS_BACKEND must be console, file or twilio.")
    if SMS_BACKEND == "twilio" and not all((TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM)):
        found.append("SMS_BACKEND=twilio needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM.")
    for name, address in _GATEWAYS.items():
        if any(part in address for part in _LOCAL_ADDRESSES):
            found.append(f"{name} names this machine: sandbox payments are not money.")
    if not env.bool("ALLOW_EMBEDDED", False):
        if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
            found.append("DATABASE_URL must name a PostgreSQL or MySQL server.")
        if not REDIS_URL:
            found.append("REDIS_URL must name the cache that all processes share.")
        if CELERY_BROKER_URL.startswith("sqla+"):
            found.append("CELERY_BROKER_URL must name a Redis or RabbitMQ broker.")
        if found and "must name" in found[-1]:
            found.append("(ALLOW_EMBEDDED=true runs on embedded parts all the same.)")
    return found


if _found := _problems():
    raise ImproperlyConfigured("This shop cannot start:\n- " + "\n- ".join(_found))

_https = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _https and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000) if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", True)
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
if env.int("TRUSTED_PROXIES", 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
