"""System checks of what the shop runs on."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

_NO_SERVER = ("django.core.mail.backends.filebased", "django.core.mail.backends.console")


@register(Tags.database)
def check_mysql_server(databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    """Refuse a MySQL or MariaDB server without time zones or with another character set."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT CONVERT_TZ('2026-01-01', 'UTC', 'Asia/Kolkata')")
            if cursor.fetchone()[0] is None:
                found.append(
                    Error(
                        "The database server has no time-zone tables: reports would be empty.",
                        hint="mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql",
                        id="config.E001",
                    )
                )
            cursor.execute("SELECT @@character_set_database")
            if cursor.fetchone()[0] != "utf8mb4":
                found.append(
                    Error(
                        "The database does not store text as utf8mb4.",
                        hint="ALTER DATABASE … CHARACTER SET utf8mb4",
                        id="config.E002",
                    )
                )
    return found


@register()
def check_mails(**kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401
    """Warn of a real shop whose mails reach nobody, or lead to where nobody can go."""
    if settings.ENVIRONMENT != "production":
        return []
    found: list[CheckMessage] = []
    if not settings.SITE_URL.startswith("https://"):
        text = "The links in mails are not https: mail programs do not unsubscribe by them."
        found.append(Warning(text, hint="Set SITE_URL.", id="config.W001"))
    if settings.EMAIL_BACKEND.startswith(_NO_SERVER):
        text = "Mails are written to this machine and reach nobody."
        found.append(Warning(text, hint="Set EMAIL_URL.", id="config.W002"))
    return found
