"""Reads of the catalogue that are too wide for a queryset method."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, DecimalField, F, OuterRef, Prefetch, QuerySet, Subquery, Sum

from accounts.models import Seller, User
from accounts.rights import staff_may

from .models import Category, Collection, OldSlug, Product, Stock, Tag, Variant


def products_for_list(products: QuerySet[Product]) -> QuerySet[Product]:
    """Add what a list shows of each product: its category and its pieces in one query."""
    active = Stock.objects.filter(variant__product=OuterRef("pk"), variant__is_active=True)
    of_product = active.order_by().values("variant__product")
    # Summed apart: a difference of unsigned columns is an error where it falls below zero.
    return products.select_related("category").annotate(
        on_hand=Subquery(of_product.annotate(pieces=Sum("on_hand")).values("pieces")),
        reserved=Subquery(of_product.annotate(pieces=Sum("reserved")).values("pieces")),
    )


def products_for_detail(products: QuerySet[Product]) -> QuerySet[Product]:
    """Add all that one product's page shows."""
    variants = Variant.objects.filter(archived_at=None).select_related("stock")
    return (
        products_for_list(products)
        .select_related("seller")
        .prefetch_related(Prefetch("variants", queryset=variants), "images", "tags", "collections")
    )


def low_stock_variants() -> QuerySet[Variant]:
    """Return the variants whose sellable pieces are at or under their threshold."""
    return (
        Variant.objects.filter(is_active=True, product__is_active=True)
        .filter(stock__on_hand__lte=F("stock__reserved") + F("low_stock_threshold"))
        .select_related("product", "stock")
        .order_by("pk")
    )


def with_product_count(groups: QuerySet) -> QuerySet:
    """Annotate collections or tags with the number of their active products."""
    link = (Product.collections if groups.model is Collection else Product.tags).through
    key = "collection" if groups.model is Collection else "tag"
    active = link.objects.filter(**{key: OuterRef("pk")}, product__is_active=True)
    counted = active.order_by().values(key).annotate(n=Count("pk")).values("n")
    return groups.annotate(product_count=Subquery(counted))


def with_seller_figures(sellers: QuerySet[Seller]) -> QuerySet[Seller]:
    """Annotate sellers with the number of their active products, and with what these were given."""
    active = Product.objects.listed().filter(seller=OuterRef("pk")).order_by().values("seller")
    stars = Sum(F("rating") * F("review_count"), output_field=DecimalField())
    return sellers.annotate(
        product_count=Subquery(active.annotate(n=Count("pk")).values("n")),
        review_count=Subquery(active.annotate(n=Sum("review_count")).values("n")),
        stars=Subquery(active.annotate(n=stars).values("n")),
    )


def category_tree(root: Category | None = None, *, hidden: bool = False) -> list[Category]:
    """Return the categories of a subtree in order, each with `product_count` and `below`.

    Inactive ones, and what is below them, are left out unless `hidden` is given.
    """
    rows = Category.objects.all() if root is None else Category.objects.descendants_of(root)
    nodes = {row.pk: row for row in rows}
    counts = _active_products(root)
    for node in nodes.values():
        node.product_count, node.below = counts.get(node.pk, 0), []
    from_the_top = sorted(nodes.values(), key=lambda node: node.path.count("/"))
    for node in reversed(from_the_top):
        if node.parent_id in nodes:
            nodes[node.parent_id].product_count += node.product_count
    shown: set[int] = set()
    for node in from_the_top:
        is_below_shown = node.parent_id not in nodes or node.parent_id in shown
        if hidden or (node.is_active and is_below_shown):
            shown.add(node.pk)
    kept = [node for node in nodes.values() if node.pk in shown]
    for node in kept:
        if node.parent_id in nodes:
            nodes[node.parent_id].below.append(node)
    return kept


def _active_products(root: Category | None) -> dict[int, int]:
    """Count the active products right in each category, of a subtree or of all."""
    active = Product.objects.listed()
    if root is not None:
        active = active.filter(category__path__startswith=root.path)
    counted = active.order_by().values("category_id").annotate(n=Count("*"))
    return dict(counted.values_list("category_id", "n"))


def present_slug(kind: str, slug: str, user: User | AnonymousUser) -> str | None:
    """Return the slug that what was once called `slug` has now, if the user may see it."""
    owners = OldSlug.objects.filter(kind=kind, slug=slug.lower()).values("owner_id")
    models = {"category": Category, "collection": Collection, "tag": Tag}
    shown = {"product": Product, "seller": Seller}
    rows = shown[kind].objects.visible_to(user) if kind in shown else models[kind].objects.all()
    row = rows.filter(pk__in=owners).first()
    is_hidden = isinstance(row, Category) and row.is_hidden()
    if is_hidden and not staff_may(user, "catalog.view_category"):
        return None
    return row.slug if row else None
