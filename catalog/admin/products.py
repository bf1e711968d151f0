from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from config.admin import AmountsMixin

from ..models import Product, ProductImage, Variant
from ..services.images import add_image, delete_image, update_image
from ..services.products import create_product, delete_product, update_product
from .base import ServiceAdmin
from .product_forms import FLASH_COLUMNS, ImageForm, ProductForm, VariantForm
from .product_lists import ProductLists, is_present
from .spreadsheets import ProductSheet, SpreadsheetMixin


class VariantInline(AmountsMixin, StackedInline):
    model = Variant
    form = VariantForm
    extra = 0
    min_num = 1
    validate_min = True
    can_delete = False
    fields = [
        ("sku", "name"),
        ("price", "compare_at_price", "cost_price"),
        ("stock", "on_the_shelf", "low_stock_threshold"),
        "attributes",
        ("barcode", "position"),
        "is_active",
    ]
    readonly_fields = ["on_the_shelf"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).filter(archived_at=None).select_related("stock")

    @admin.display(description="stock", empty_value="-")
    def on_the_shelf(self, variant: Variant) -> str | None:
        if variant.pk is None:
            return None
        return f"{variant.stock.available} can be sold, {variant.stock.on_hand} on hand"


class ImageInline(TabularInline):
    model = ProductImage
    form = ImageForm
    fk_name = "product"
    extra = 0


@admin.register(Product)
class ProductAdmin(ProductLists, SpreadsheetMixin, ServiceAdmin):
    sheet = ProductSheet
    import_permissions = ("catalog.add_product", "catalog.change_product")
    form = ProductForm
    inlines = [VariantInline, ImageInline]
    autocomplete_fields = ["category", "seller", "tags", "collections"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "description", "brand", "category", "seller"]}),
        ("In the shop", {"fields": ["is_active", "featured", "tags", "collections"]}),
        ("Flash sale", {"fields": [FLASH_COLUMNS[:2], *FLASH_COLUMNS[2:]]}),
        ("Tax and weight", {"fields": [("tax_class", "hsn_code", "weight_grams")]}),
        (
            "Search engines",
            {"fields": ["meta_title", "meta_description"], "classes": ["collapse"]},
        ),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """What is archived is only looked at, until it is brought back."""
        return is_present(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return is_present(obj) and super().has_delete_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: Product, form: forms.ModelForm, change: bool
    ) -> None:
        """Leave it to `save_related`: a product is written together with its variants."""

    def save_related(
        self,
        request: HttpRequest,
        form: ProductForm,
        formsets: list[BaseInlineFormSet],
        change: bool,
    ) -> None:
        product = form.instance
        rows: list[dict[str, Any]] = []
        for formset in formsets:
            formset.save(commit=False)  # lists what is new, changed and deleted, for the history
            if formset.model is Variant:
                rows = [_variant_row(row) for row in formset.forms if row.has_changed()]
        fields = form.service_fields() | {"variants": rows}
        if change:
            update_product(product_id=product.pk, actor=request.user, fields=fields)
        else:
            product.pk = create_product(actor=request.user, fields=fields).pk
        for formset in formsets:
            if formset.model is ProductImage:
                _save_images(product.pk, formset)
        product.refresh_from_db()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:  # noqa: ANN401
        """List the products alone: those that were ordered are archived, not refused."""
        return [str(product) for product in objs], {"products": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        delete_product(product_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        for product in queryset.filter(archived_at=None):
            delete_product(product_id=product.pk)


def _variant_row(form: forms.ModelForm) -> dict[str, Any]:
    row = {name: form.cleaned_data[name] for name in VariantForm.Meta.fields}
    return row | {"id": form.instance.pk}


def _save_images(product_id: int, formset: BaseInlineFormSet) -> None:
    for form in formset.deleted_forms:
        if form.instance.pk:
            delete_image(image_id=form.instance.pk)
    for form in formset.forms:
        if not form.has_changed() or form in formset.deleted_forms:
            continue
        fields = dict(form.cleaned_data)
        file = fields["file"]
        upload = file if isinstance(file, UploadedFile) else None
        if form.instance.pk is None:
            add_image(product_id=product_id, upload=upload, fields=fields)
        else:
            if not fields["is_primary"]:
                fields.pop("is_primary")  # another one takes its place, or none does
            update_image(image_id=form.instance.pk, upload=upload, fields=fields)
