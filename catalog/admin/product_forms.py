from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from config.admin_fields import PairsField

from ..models import Product, ProductImage, Variant

FLASH_COLUMNS = ("flash_price", "flash_percentage", "flash_starts_at", "flash_ends_at")


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = "__all__"  # noqa: DJ007  the page's fieldsets choose
        labels = {"hsn_code": "HSN code", "weight_grams": "Weight in grams"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:  # not for those who may only look
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Made from the name where it is left out."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        price, percentage, starts, ends = (cleaned.get(name) for name in FLASH_COLUMNS)
        has_sale = price is not None or percentage is not None
        if has_sale and not (starts and ends):
            self.add_error("flash_ends_at", "Say when the flash sale starts and ends.")
        return cleaned

    def service_fields(self) -> dict[str, Any]:
        """Return what the services of products take."""
        fields = dict(self.cleaned_data)
        price, percentage, starts, ends = (fields.pop(name) for name in FLASH_COLUMNS)
        sale = {"price": price, "discount_percentage": percentage}
        times = {"starts_at": starts, "ends_at": ends}
        fields["flash_sale"] = None if price is percentage is None else sale | times
        fields["category"] = fields["category"].pk
        seller = fields.pop("seller")
        fields["seller_id"] = seller.pk if seller else None
        fields["tags"] = [tag.name for tag in fields["tags"]]
        fields["collections"] = [collection.pk for collection in fields["collections"]]
        return fields


class VariantForm(forms.ModelForm):
    sku = forms.CharField(
        max_length=64,
        required=False,
        label="SKU",
        widget=UnfoldAdminTextInputWidget,
        help_text="Made where it is left out.",
    )
    attributes = PairsField(required=False, help_text="A line for each, as in color: red")
    stock = forms.IntegerField(
        min_value=0,
        required=False,
        label="Initial stock",
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="For a new variant; later, record movements.",
    )

    class Meta:
        model = Variant
        fields = [
            "sku",
            "name",
            "attributes",
            "price",
            "compare_at_price",
            "cost_price",
            "barcode",
            "low_stock_threshold",
            "stock",
            "is_active",
            "position",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if self.instance.pk and "stock" in self.fields:
            self.fields["sku"].help_text = ""
            self.fields["stock"].disabled = True
            self.fields["stock"].help_text = "Record movements instead."

    def clean_sku(self) -> str:
        return self.cleaned_data["sku"].upper()


class ImageForm(forms.ModelForm):
    is_primary = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)

    class Meta:
        model = ProductImage
        fields = ["file", "alt_text", "position", "is_primary"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["is_primary"].initial = self.instance.is_primary
