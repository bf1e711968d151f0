"""Pages whose forms write rows without a service: the audit trail learns of them here."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.forms import BaseModelForm
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest

from config.audit import Values, plain

from .services.auditing import audited, note_members, track, track_as_it_was


class AuditedAdmin:
    """Mix into a page that saves plain forms."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Read a row that is about to change under its lock, so that "before" is true."""
        if request.method != "POST" or not connection.in_atomic_block:
            return super().get_object(request, object_id, from_field)  # type: ignore[misc]
        rows: QuerySet = self.model._default_manager.select_for_update()  # type: ignore[attr-defined]
        try:
            return rows.filter(pk=object_id).first()
        except (ValidationError, ValueError):
            return None

    def save_related(
        self,
        request: HttpRequest,
        form: BaseModelForm,
        formsets: list[BaseModelFormSet],
        change: bool,
    ) -> None:
        with audited():
            _track_form(form, is_new=not change)
            for inline in (each for formset in formsets for each in formset.forms):
                _track_form(inline, is_new=inline.instance._state.adding)
            super().save_related(request, form, formsets, change)  # type: ignore[misc]
            _note_lists(form)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic(), audited():
            track(obj)
            super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete row by row, for each has an entry of its own."""
        with transaction.atomic(), audited():
            for row in queryset.select_for_update().order_by("pk"):
                self.delete_model(request, row)


def _track_form(form: BaseModelForm, *, is_new: bool) -> None:
    columns = {field.name: field for field in form.instance._meta.concrete_fields}
    before: Values = {
        name: plain(columns[name], value)
        for name, value in form.initial.items()
        if name in columns and name in form.fields
    }
    track_as_it_was(form.instance, before, is_new=is_new)


def _note_lists(form: BaseModelForm) -> None:
    for name in [field.name for field in form.instance._meta.many_to_many]:
        if name in form.cleaned_data:
            before, after = set(form.initial.get(name, [])), set(form.cleaned_data[name])
            note_members(form.instance, name, gone=before - after, new=after - before)
