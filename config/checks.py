"""System checks of what the shop needs from its database."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


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
