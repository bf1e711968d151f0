"""The list of products: its columns, how it narrows, and what is done to many at once."""

from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from config.admin import show_money
from config.importing import batched

from ..models import Category, Product, Variant
from ..services.products import flag_products, restore_product

_BATCH = 500


def is_present(product: Product | None) -> bool:
    """Tell whether a product is not archived."""
    return product is None or product.archived_at is None


def show_picture(name: str) -> str:
    """Show a stored picture in the height of a line."""
    if not name:
        return ""
    size = "height:40px;width:40px;object-fit:cover;border-radius:4px"
    return format_html('<img src="{}" alt="" style="{}">', default_storage.url(name), size)


class ArchivedFilter(admin.SimpleListFilter):
    """Archived products are not shown but where they are asked for."""

    title = "archived"
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() == "yes":
            return queryset.exclude(archived_at=None)
        return queryset.filter(archived_at=None)


class FlashSaleFilter(admin.SimpleListFilter):
    title = "flash sale"
    parameter_name = "flash_sale"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("now", "Now"), ("later", "Later")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        now = timezone.now()
        match self.value():
            case "now":
                return queryset.filter(Product.flash_sale_running(now))
            case "later":
                return queryset.filter(flash_starts_at__gt=now)
        return queryset


class TopCategoryFilter(admin.SimpleListFilter):
    """The categories at the top, each with all that is below it."""

    title = "category"
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        roots = Category.objects.filter(parent=None).values_list("pk", "name")[:100]
        return [(str(pk), name) for pk, name in roots]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if not (self.value() or "").isdigit():
            return queryset
        within = Category.objects.filter(path__startswith=f"/{self.value()}/")
        return queryset.filter(category__in=within)


class ProductLists:
    """Mix into the page of products."""

    list_display = [
        "picture",
        "name",
        "brand",
        "category",
        "price_shown",
        "stock",
        "state",
        "featured",
    ]
    list_display_links = ["name"]
    list_filter = [
        "is_active",
        "in_stock",
        "featured",
        "best_seller",
        FlashSaleFilter,
        ArchivedFilter,
        TopCategoryFilter,
    ]
    list_per_page = 50
    search_fields = ["name", "slug", "brand", "variants__sku"]
    search_help_text = "A name, a brand or a SKU."
    show_full_result_count = False
    actions = ["activate", "deactivate", "feature", "unfeature", "restore"]
    price_shown = show_money("price")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products = super().get_queryset(request)  # type: ignore[misc]
        if request.resolver_match.url_name == "autocomplete":  # no page chooses archived ones
            products = products.filter(archived_at=None)
        # Prefetched, because subqueries in the list would be asked for every row before the page.
        variants = Variant.objects.filter(is_active=True).select_related("stock")
        return products.select_related("category").prefetch_related(
            Prefetch("variants", variants, to_attr="sellable")
        )

    @admin.display(description="")
    def picture(self, product: Product) -> str:
        return show_picture(product.thumbnail)

    @admin.display(description="can be sold")
    def stock(self, product: Product) -> int:
        return sum(variant.stock.available for variant in product.sellable)

    @display(
        description="state",
        label={
            "Archived": "danger",
            "Flash sale": "warning",
            "For sale": "success",
            "Sold out": "info",
        },
    )
    def state(self, product: Product) -> str:
        if product.archived_at:
            return "Archived"
        if not product.is_active:
            return "Inactive"
        if not product.in_stock:
            return "Sold out"
        return "Flash sale" if product.is_flash_sale_running(timezone.now()) else "For sale"

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._flag(request, products, "is_active", True)

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._flag(request, products, "is_active", False)

    @admin.action(description="Feature", permissions=["change"])
    def feature(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._flag(request, products, "featured", True)

    @admin.action(description="Feature no longer", permissions=["change"])
    def unfeature(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._flag(request, products, "featured", False)

    def _flag(
        self, request: HttpRequest, products: QuerySet[Product], flag: str, value: bool
    ) -> None:
        ids = batched(products.order_by("pk").values_list("pk", flat=True), _BATCH)
        changed = sum(flag_products(product_ids=batch, flag=flag, value=value) for batch in ids)
        messages.success(request, f"Products changed: {changed}.")

    @admin.action(description="Bring back from the archive", permissions=["change"])
    def restore(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        archived = list(products.exclude(archived_at=None).values_list("pk", flat=True))
        for product_id in archived:
            restore_product(product_id=product_id)
        messages.success(request, f"Products brought back, inactive: {len(archived)}.")
