"""From what a client names, variant or product, to the variants that it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from catalog.models import Variant
from config.errors import InvalidInput


@dataclass(frozen=True)
class Wanted:
    """Pieces of a variant, or of a product that has just one."""

    quantity: int
    variant_id: int | None = None
    product_id: int | None = None


def choose_variants(wanted: Sequence[Wanted]) -> dict[Variant, int]:
    """Return the pieces wanted of each variant, with product and stock, in the given order.

    What is named twice adds up. Raises InvalidInput on the field that names nothing that is
    sold, several variants, or on more pieces than a cart takes.
    """
    variants = list(
        Variant.objects.sellable()
        .with_stock()
        .filter(
            Q(pk__in=[one.variant_id for one in wanted if one.variant_id is not None])
            | Q(product__in=[one.product_id for one in wanted if one.variant_id is None])
        )
    )
    demand: dict[Variant, int] = {}
    for one in wanted:
        variant = _choose(one, variants)
        demand[variant] = demand.get(variant, 0) + one.quantity
    refuse_excess(demand.values())
    return demand


def refuse_excess(quantities: Iterable[int]) -> None:
    """Raise InvalidInput where a quantity is over CART_MAX_QUANTITY."""
    limit = settings.CART_MAX_QUANTITY
    if any(quantity > limit for quantity in quantities):
        raise InvalidInput(quantity=f"A cart takes at most {limit} pieces of an article.")


def _choose(wanted: Wanted, variants: list[Variant]) -> Variant:
    if wanted.variant_id is not None:
        return _by_id(wanted, variants)
    of_product = [variant for variant in variants if variant.product_id == wanted.product_id]
    if not of_product:
        raise InvalidInput(product=f"Product {wanted.product_id} is not sold.")
    if len(of_product) > 1:
        raise InvalidInput(product="This product has several variants: send `variant` instead.")
    return of_product[0]


def _by_id(wanted: Wanted, variants: list[Variant]) -> Variant:
    for variant in variants:
        if variant.pk != wanted.variant_id:
            continue
        if wanted.product_id in (None, variant.product_id):
            return variant
        raise InvalidInput(variant="This variant is of another product.")
    raise InvalidInput(variant=f"Variant {wanted.variant_id} is not sold.")
