from config.errors import DomainError


class CartEmpty(DomainError):
    code = "cart_empty"
    message = "The cart is empty. Put something into it first."


class PriceChanged(DomainError):
    """Raised with the totals as they are now."""

    code = "price_changed"
    message = "Prices have changed. Look at the new total and order again."


class InvalidTransition(DomainError):
    code = "invalid_transition"
    message = "The order cannot go there from its present state."
