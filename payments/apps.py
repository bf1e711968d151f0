from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from accounts.services.exporting import add_parts
        from orders.services.gateways import ask_for_gateways_at

        from . import receivers  # noqa: F401
        from .services.choice import list_gateways
        from .services.exporting import PARTS

        add_parts(PARTS)
        ask_for_gateways_at(list_gateways)
