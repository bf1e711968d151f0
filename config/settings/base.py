"""Settings that hold everywhere; the environment is read here and nowhere else."""

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from .mail import TIMEOUT, mail_settings
from .queues import CELERY_BEAT_SCHEDULE, CELERY_TASK_QUEUES, CELERY_TASK_ROUTES  # noqa: F401

env = environ.Env()
# A variable that is set to nothing is not set; but some countries have no states.
env.ENVIRON = {name: value for name, value in os.environ.items() if value or name == "STORE_STATE"}

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

ENVIRONMENT = env.str("ENVIRONMENT", "local")
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PORT = env.int("PORT", 8000)
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", 2)
SITE_URL = env.str("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
FRONTEND_URL = env.str("FRONTEND_URL", SITE_URL).rstrip("/")

# The store
STORE_NAME = env.str("STORE_NAME", "Storefront")
STORE_CURRENCY = env.str("STORE_CURRENCY", "INR")
STORE_COUNTRY = env.str("STORE_COUNTRY", "IN")
STORE_STATE = env.str("STORE_STATE", "KA")
STORE_TIME_ZONE = env.str("STORE_TIME_ZONE", "Asia/Kolkata")
# On invoices: the address with "|" between its lines, and the store's GSTIN or other tax number.
STORE_ADDRESS = env.str("STORE_ADDRESS", "")
STORE_TAX_NUMBER = env.str("STORE_TAX_NUMBER", "")
FINANCIAL_YEAR_START_MONTH = env.int("FINANCIAL_YEAR_START_MONTH", 4)
PRICES_INCLUDE_TAX = env.bool("PRICES_INCLUDE_TAX", False)
GUEST_CHECKOUT = env.bool("GUEST_CHECKOUT", True)
CART_MAX_QUANTITY = env.int("CART_MAX_QUANTITY", 99)
ORDER_PAYMENT_WINDOW = timedelta(seconds=env.int("ORDER_PAYMENT_WINDOW", 1800))
GUEST_CART_LIFETIME = timedelta(seconds=env.int("GUEST_CART_LIFETIME", 1209600))
CART_REMINDER_AFTER = timedelta(seconds=env.int("CART_REMINDER_AFTER", 86400))
RETURN_WINDOW_DAYS = env.int("RETURN_WINDOW_DAYS", 30)
FRONTEND_VERIFY_EMAIL_PATH = env.str("FRONTEND_VERIFY_EMAIL_PATH", "/verify-email?token={token}")
FRONTEND_ORDER_PATH = env.str("FRONTEND_ORDER_PATH", "/orders/{number}")
FRONTEND_PRODUCT_PATH = env.str("FRONTEND_PRODUCT_PATH", "/products/{slug}")
FRONTEND_CART_PATH = env.str("FRONTEND_CART_PATH", "/cart")
FRONTEND_UNSUBSCRIBE_PATH = env.str("FRONTEND_UNSUBSCRIBE_PATH", "/unsubscribe/{token}")

# Applications, in the order in which they may import each other
INSTALLED_APPS = [
    "config",
    "accounts",
    "catalog",
    "carts",
    "orders",
    "payments",
    "notifications",
    "analytics",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "config.middleware.ApiErrorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Time and language
LANGUAGE_CODE = "en"
TIME_ZONE = STORE_TIME_ZONE
USE_TZ = True
USE_I18N = True

# Database: SQLite where DATABASE_URL names no server
DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{VAR_DIR / 'storefront.sqlite3'}")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
_database = DATABASES["default"]
if "ENGINE" not in _database:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres://, mysql:// or sqlite:///.")
_database.setdefault("OPTIONS", {})
match _database["ENGINE"]:
    case "django.db.backends.sqlite3":
        _database["OPTIONS"] |= {
            # A transaction that reads first and writes later would fail at once where another
            # writer came between: IMMEDIATE queues writers for up to the time-out instead.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    case "django.db.backends.mysql":
        _database["OPTIONS"] |= {"charset": "utf8mb4", "isolation_level": "read committed"}
        _database["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
        _database["CONN_MAX_AGE"] = 60
        _database["CONN_HEALTH_CHECKS"] = True
    case "django.db.backends.postgresql":
        _database["CONN_MAX_AGE"] = 60
        _database["CONN_HEALTH_CHECKS"] = True

# Cache: files that all processes share where there is no Redis
REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": 1,
                "SOCKET_TIMEOUT": 1,
                # A shop without its cache is slow; a shop that answers 500 is closed.
                "IGNORE_EXCEPTIONS": True,
            },
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }

# Celery: a SQLite file as broker where CELERY_BROKER_URL names none
CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL", REDIS_URL or f"sqla+sqlite:///{VAR_DIR / 'broker.sqlite3'}"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
# A request that cannot reach the broker must not wait for it: the sweeps pick the row up.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 2
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10}

# Counts of searches and views wait in each process for so long; 0: until somebody asks.
TALLY_SECONDS = 5

# Files
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = False
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", "")
# Without keys the machine's own role counts.
AWS_ACCESS_KEY_ID = env.str("AWS_ACCESS_KEY_ID", "") or None
AWS_SECRET_ACCESS_KEY = env.str("AWS_SECRET_ACCESS_KEY", "") or None
AWS_S3_REGION_NAME = env.str("AWS_S3_REGION_NAME", "") or None
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", "") or None
AWS_S3_CUSTOM_DOMAIN = env.str("AWS_S3_CUSTOM_DOMAIN", "") or None
if AWS_STORAGE_BUCKET_NAME and find_spec("storages") is None:
    raise ImproperlyConfigured("AWS_STORAGE_BUCKET_NAME: pip install -r requirements-s3.txt first.")
_FILES = (
    "config.bucket.BucketStorage"
    if AWS_STORAGE_BUCKET_NAME
    else "django.core.files.storage.FileSystemStorage"
)
STORAGES = {
    "default": {"BACKEND": _FILES},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Mail: files where EMAIL_URL names no server
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{STORE_NAME} <shop@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = TIMEOUT
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
vars().update(mail_settings(env.str("EMAIL_URL", "file:")))

# SMS: a file where no provider is named
SMS_BACKEND = env.str("SMS_BACKEND", "file")
SMS_TIMEOUT = 10
SMS_FILE = VAR_DIR / "sms.log"
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env.str("TWILIO_FROM", "")
TWILIO_BASE_URL = env.str("TWILIO_BASE_URL", "https://api.twilio.com")

# Payments
PAYMENT_TIMEOUT = 10
SANDBOX_PORT = env.int("SANDBOX_PORT", PORT + 1)
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}"
RAZORPAY_KEY_ID = env.str("RAZORPAY_KEY_ID", "")
RAZORPAY_KEY_SECRET = env.str("RAZORPAY_KEY_SECRET", "")
RAZORPAY_WEBHOOK_SECRET = env.str("RAZORPAY_WEBHOOK_SECRET", "")
RAZORPAY_BASE_URL = env.str("RAZORPAY_BASE_URL", "https://api.razorpay.com")

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", "")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", "")
STRIPE_BASE_URL = env.str("STRIPE_BASE_URL", "https://api.stripe.com")
CHAPA_SECRET_KEY = env.str("CHAPA_SECRET_KEY", "")
CHAPA_WEBHOOK_SECRET = env.str("CHAPA_WEBHOOK_SECRET", "")
CHAPA_BASE_URL = env.str("CHAPA_BASE_URL", "https://api.chapa.co")

# How many days is kept what holds, or may hold, data about people; 0 keeps it for ever. What the
# shop works with (codes, tokens, keys, counters, guest carts) ends by itself and much sooner.
EVENT_RETENTION_DAYS = env.int("EVENT_RETENTION_DAYS", 90)
NOTIFICATION_RETENTION_DAYS = env.int("NOTIFICATION_RETENTION_DAYS", 180)
MESSAGE_RETENTION_DAYS = env.int("MESSAGE_RETENTION_DAYS", 180)
GATEWAY_EVENT_RETENTION_DAYS = env.int("GATEWAY_EVENT_RETENTION_DAYS", 90)
STOCK_REQUEST_RETENTION_DAYS = env.int("STOCK_REQUEST_RETENTION_DAYS", 365)
SEARCH_RETENTION_DAYS = env.int("SEARCH_RETENTION_DAYS", 90)
GUEST_ORDER_RETENTION_DAYS = env.int("GUEST_ORDER_RETENTION_DAYS", 1095)
INACTIVE_ACCOUNT_DAYS = env.int("INACTIVE_ACCOUNT_DAYS", 0)

# Outgoing webhooks
# Hosts, with a port or without, that webhooks go to although they are private.
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])
WEBHOOK_HTTPS_ONLY = ENVIRONMENT == "production"

# Accounts
AUTHENTICATION_BACKENDS = ["accounts.backends.IdentifierBackend"]
# E-mails are unique by their key column, which that backend looks up.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCESS_TOKEN_LIFETIME = timedelta(seconds=env.int("ACCESS_TOKEN_LIFETIME", 3600))
REFRESH_TOKEN_LIFETIME = timedelta(seconds=env.int("REFRESH_TOKEN_LIFETIME", 604800))
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "AUTH_HEADER_TYPES": ("Bearer", "JWT"),
    # Access tokens carry a stamp of the password and die with it.
    "CHECK_REVOKE_TOKEN": True,
    "USER_ID_CLAIM": "user_id",
}
OTP_LIFETIME = timedelta(seconds=env.int("OTP_LIFETIME", 600))
STAFF_TWO_FACTOR_REQUIRED = env.bool("STAFF_TWO_FACTOR_REQUIRED", False)
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", "")
GOOGLE_JWKS_URL = env.str("GOOGLE_JWKS_URL", "https://www.googleapis.com/oauth2/v3/certs")

# REST
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)


def _rate(scope: str, default: str) -> str | None:
    rate = env.str(f"THROTTLE_{scope.upper()}", default)
    return None if rate == "off" else rate


THROTTLE_RATES = {
    "anon": _rate("anon", "600/min"),
    "user": _rate("user", "1200/min"),
    "login": _rate("login", "5/min"),
    "login_address": _rate("login_address", "30/min"),
    "two_factor": _rate("two_factor", "20/hour"),
    "otp": _rate("otp", "5/hour"),
    # Of one address, for whoever: off together with `otp` unless set.
    "otp_address": _rate("otp_address", "60/hour" if _rate("otp", "on") else "off"),
    "register": _rate("register", "10/hour"),
    "checkout": _rate("checkout", "30/min"),
    "notify": _rate("notify", "20/hour"),
    "export": _rate("export", "10/day"),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.LimitedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "config.pagination.StorePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.schema.StoreSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "config.throttles.AnonThrottle",
        "config.throttles.UserThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": THROTTLE_RATES,
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "config.errors.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "DEFAULT_METADATA_CLASS": "config.metadata.CallMetadata",
    # `format` is a parameter of calls, not a way to choose a renderer.
    "URL_FORMAT_OVERRIDE": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Storefront",
    "DESCRIPTION": "The REST interface of a shop: catalogue, cart, orders and payments.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CouponReasonEnum": "carts.pricing.Reason",
        "OrderStatusEnum": "orders.models.OrderStatus",
        "ReturnStatusEnum": "orders.models.ReturnStatus",
        "PaymentStatusEnum": "orders.models.PaymentStatus",
        "PaymentStateEnum": "payments.models.PaymentState",
        "RefundStateEnum": "payments.models.RefundState",
        "EventTypeEnum": "notifications.models.EventType",
        "DeliveryStateEnum": "notifications.models.DeliveryState",
        "NotificationKindEnum": "notifications.models.NotificationKind",
        "KindEnum": ["item", "shipping"],  # of discounts
        "SellerStatusEnum": "accounts.models.SellerStatus",
    },
}

# Admin
UNFOLD = {
    "SITE_TITLE": STORE_NAME,
    "SITE_HEADER": STORE_NAME,
    "SITE_SYMBOL": "storefront",
    "SITE_URL": FRONTEND_URL,
    "SHOW_HISTORY": True,
    "LOGIN": {"form": "accounts.admin_login.LoginForm"},
    "DASHBOARD_CALLBACK": "config.navigation.index",
    "SIDEBAR": {"show_search": True, "navigation": "config.navigation.sidebar"},
}

# Browsers
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = not CORS_ALLOWED_ORIGINS
CORS_ALLOW_CREDENTIALS = bool(CORS_ALLOWED_ORIGINS)
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "x-cart-id",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.request_ids.RequestIdFilter"}},
    "formatters": {
        "line": {
            "()": "config.logs.Formatter",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # At DEBUG it writes whole answers, secrets of payments among them.
        "stripe": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},  # tells every glyph of an invoice
    },
}
