from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from accounts.services.exporting import add_parts

        from . import receivers  # noqa: F401
        from .services.exporting import PARTS

        add_parts(PARTS)
