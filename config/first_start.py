"""What a shop needs before its processes start: tables, files, queues and something to sell."""

import hashlib
import secrets
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
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
    if not with_goods:
        return None
    password = _make_admin()
    _seed()
    return password


def _collect_static_files() -> None:
    """Collect static files where a library or an app brought other ones than last time."""
    if settings.DEBUG:
        return  # served from where they lie
    mark = settings.VAR_DIR / "static-files"
    now = _fingerprint_of_static_files()
    if mark.exists() and mark.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return
    print("Collecting static files …", flush=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(now)


def _fingerprint_of_static_files() -> str:
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


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
