from datetime import UTC, tzinfo

from django.apps import AppConfig
from rest_framework.fields import DateTimeField


class ConfigConfig(AppConfig):
    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401

        # Times in the API are UTC. REST framework has no setting for it: its fields would write
        # the store's local time under the Z of our format.
        DateTimeField.default_timezone = _utc


def _utc(field: DateTimeField) -> tzinfo:
    return UTC
