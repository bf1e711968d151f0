from datetime import UTC

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rest_framework.fields import DateTimeField

        from . import checks  # noqa: F401

        # Times in the API are UTC, while reports and the admin follow the store's time zone.
        DateTimeField.timezone = UTC
