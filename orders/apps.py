from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from accounts.services.exporting import add_parts
        from carts.services.promotions import ask_for_orders_at
        from catalog.services.reviews import ask_for_purchases_at

        from . import receivers  # noqa: F401
        from .services.customers import has_ordered
        from .services.exporting import PARTS
        from .services.purchases import has_bought

        add_parts(PARTS)
        ask_for_orders_at(has_ordered)
        ask_for_purchases_at(has_bought)
