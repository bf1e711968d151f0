from django.apps import AppConfig


class CartsConfig(AppConfig):
    name = "carts"

    def ready(self) -> None:
        from accounts.services.exporting import add_parts

        from . import receivers  # noqa: F401
        from .services.exporting import PARTS

        add_parts(PARTS)
