from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest

from config.errors import DomainError

from ..errors import CategoryInUse
from ..models import Category, Collection, Tag
from ..services.categories import create_category, delete_category, update_category
from ..services.collections import create_collection, delete_collection, update_collection
from ..services.pictures import clean_picture
from ..services.tags import create_tag, delete_tag, update_tag
from .base import ServiceAdmin


class GroupForm(forms.ModelForm):
    """Slugs are made from the name where none is given; pictures are judged by content."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Made from the name where it is left out."

    def clean_image(self) -> Any:  # noqa: ANN401
        image = self.cleaned_data.get("image")
        if isinstance(image, UploadedFile):
            try:
                clean_picture(image)  # the service does it again: here it is told at the field
            except DomainError as refusal:
                raise forms.ValidationError(refusal.details["image"])
        return image


@admin.register(Category)
class CategoryAdmin(ServiceAdmin):
    form = GroupForm
    fields = ["name", "slug", "parent", "description", "image", "is_active", "position"]
    list_display = ["name", "slug", "parent", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]

    def save_model(
        self, request: HttpRequest, obj: Category, form: forms.ModelForm, change: bool
    ) -> None:
        fields = dict(form.cleaned_data)
        fields["parent"] = fields["parent"].pk if fields["parent"] else None
        if change:
            saved = update_category(category_id=obj.pk, fields=fields)
        else:
            saved = create_category(fields=fields)
        obj.pk = saved.pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        delete_category(category_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        for category in queryset.order_by("-path"):
            try:
                delete_category(category_id=category.pk)
            except CategoryInUse as refusal:
                messages.error(request, f"{category}: {refusal.message}")


@admin.register(Collection)
class CollectionAdmin(ServiceAdmin):
    form = GroupForm
    fields = ["title", "slug", "description", "image"]
    list_display = ["title", "slug"]
    search_fields = ["title", "slug"]

    def save_model(
        self, request: HttpRequest, obj: Collection, form: forms.ModelForm, change: bool
    ) -> None:
        if change:
            update_collection(collection_id=obj.pk, fields=form.cleaned_data)
        else:
            obj.pk = create_collection(fields=form.cleaned_data).pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        delete_collection(collection_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Collection]) -> None:
        for collection in queryset:
            delete_collection(collection_id=collection.pk)


@admin.register(Tag)
class TagAdmin(ServiceAdmin):
    form = GroupForm
    fields = ["name", "slug"]
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]

    def save_model(
        self, request: HttpRequest, obj: Tag, form: forms.ModelForm, change: bool
    ) -> None:
        if change:
            update_tag(tag_id=obj.pk, fields=form.cleaned_data)
        else:
            obj.pk = create_tag(fields=form.cleaned_data).pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        delete_tag(tag_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        for tag in queryset:
            delete_tag(tag_id=tag.pk)
