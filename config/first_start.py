"""What a shop needs before its processes start: tables, files, queues and something to sell."""

import secrets
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from sqlalchemy import create_engine, text

from .celery import app

ADMIN_EMAIL = "admin@example.com"


def prepare(*, with_goods: bool) -> str | None:
    """Make the shop ready to start; return the password of an administrator made just now."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    _collect_static_files()
    _declare_queues()
    _make_roles()
    if not with_goods:
        return None
    password = _make_admin()
    _seed()
    return password


def _collect_static_files() -> None:
    """Collect static files where none are; a new version of the shop collects its own."""
    root = Path(settings.STATIC_ROOT)
    if (root / "staticfiles.json").exists():
        return
    root.mkdir(parents=True, exist_ok=True)
    if not settings.WHITENOISE_USE_FINDERS:
        print("Collecting static files …", flush=True)
        call_command("collectstatic", verbosity=0, interactive=False)


def _declare_queues() -> None:
    """Make the tables and queues of an embedded broker before several processes would at once."""
    if not settings.CELERY_BROKER_URL.startswith("sqla+"):
        return
    engine = create_engine(settings.CELERY_BROKER_URL.removeprefix("sqla+"))
    with engine.connect() as connection:
        connection.execute(text("PRAGMA journal_mode=WAL"))  # it stays in the file
    engine.dispose()
    with app.connection_for_write() as broker:
        for queue in app.amqp.queues.values():
            queue.bind(broker.default_channel).declare()


def _make_roles() -> None:
    """Make the groups of staff where a shop has none; what it made of them stays."""
    if not apps.get_model("auth.Group").objects.exists():
        call_command("create_roles", verbosity=0, stdout=StringIO())


def _make_admin() -> str | None:
    """Make the first administrator and return the password, or None where there is one."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(email=ADMIN_EMAIL, password=password)
    return password


def _seed() -> None:
    """Fill an empty shop once; a seeding that was broken off is taken up again."""
    unfinished = settings.VAR_DIR / "seeding"
    if apps.get_model("catalog.Product").objects.exists() and not unfinished.exists():
        return
    print("Filling the shop with goods; this happens once …", flush=True)
    unfinished.touch()
    call_command("seed_db")
    unfinished.unlink()
