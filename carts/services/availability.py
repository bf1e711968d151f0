"""How many pieces a cart could have of a variant, and the refusal of more."""

from collections.abc import Mapping

from catalog.errors import InsufficientStock
from catalog.models import Variant

# Variants come with product and stock loaded.
Demand = Mapping[Variant, int]


def available_pieces(variant: Variant) -> int:
    """Return the pieces that could be had now: none of what is no longer sold."""
    return variant.stock.available if variant.is_sellable else 0


def shortage_message(variant: Variant) -> str:
    """Tell why a cart cannot have as many pieces as it wants."""
    name, left = variant.product.name, available_pieces(variant)
    if not variant.is_sellable:
        return f"'{name}' is no longer sold."
    return f"Only {left} of '{name}' are left." if left else f"'{name}' is sold out."


def refuse_shortage(demand: Demand) -> None:
    """Raise InsufficientStock with every variant that is wanted more than there is of it."""
    short = {
        variant: quantity
        for variant, quantity in demand.items()
        if quantity > available_pieces(variant)
    }
    if not short:
        return
    raise InsufficientStock(
        " ".join(shortage_message(variant) for variant in short),
        items=[
            {
                "variant": variant.pk,
                "requested": quantity,
                "available": available_pieces(variant),
            }
            for variant, quantity in short.items()
        ],
    )
