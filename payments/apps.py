from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from orders.services.gateways import ask_for_gateways_at

        from . import receivers  # noqa: F401
        from .services.choice import list_gateways

        ask_for_gateways_at(list_gateways)
