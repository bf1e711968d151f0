"""The audit trail, to be read."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.utils import parse_date_str

from config.admin import ReadOnly, show_pairs
from config.audit import audited_models

from .models import AuditEntry


class ModelFilter(admin.SimpleListFilter):
    """The kinds of rows that the trail knows; asked of the apps, not of the rows."""

    title = "kind"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        names = {model._meta.label_lower: _noun(model) for model in audited_models()}
        return sorted(names.items(), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ANN401
        return queryset.filter(model=self.value()) if self.value() else queryset


class DaysFilter(RangeDateFilter):
    """From a day to a day, both whole, in the store's time zone."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ANN401
        first, last = (
            parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}", ""))
            for end in ("from", "to")
        )
        if first:
            queryset = queryset.filter(created_at__gte=_midnight(first))
        return queryset.filter(created_at__lt=_midnight(last, days=1)) if last else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin):
    list_display = ["at", "who", "action_shown", "kind", "row", "changes_line", "source"]
    list_display_links = ["at"]
    list_filter_submit = True
    list_filter = [
        ("created_at", DaysFilter),
        ModelFilter,
        "source",
        ("actor", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["actor"]
    search_fields = ["^object_name", "object_id__exact", "request_id__exact", "^actor__email_key"]
    search_help_text = "A SKU, number, slug or id; a request id; or who did it, by e-mail."
    show_full_result_count = False
    fields = readonly_fields = [
        "at",
        "who",
        "source",
        "action_shown",
        "kind",
        "row",
        "request_id",
        "changes_table",
    ]

    @display(description="when", ordering="created_at")
    def at(self, entry: AuditEntry) -> str:
        moment = f"{timezone.localtime(entry.created_at):%Y-%m-%d %H:%M:%S}"
        return format_html('<span style="white-space: nowrap">{}</span>', moment)

    @display(description="who", ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return str(entry.actor or "a command")

    @display(
        description="what",
        ordering="action",
        label={"created": "success", "changed": "info", "deleted": "danger"},
    )
    def action_shown(self, entry: AuditEntry) -> str:
        return entry.action.replace("_", " ")

    @display(description="kind", ordering="model")
    def kind(self, entry: AuditEntry) -> str:
        try:
            return _noun(apps.get_model(entry.model))
        except LookupError:  # of a former version of the shop
            return entry.model

    @display(description="object", ordering="object_name")
    def row(self, entry: AuditEntry) -> str:
        text = entry.object_name or entry.object_id
        try:
            name = f"admin:{entry.model.replace('.', '_')}_change"
            address = reverse(name, args=[entry.object_id])
        except NoReverseMatch:
            return text
        if entry.action == "deleted":
            return text
        return format_html('<a class="text-primary-600" href="{}">{}</a>', address, text)

    @display(description="changes")
    def changes_line(self, entry: AuditEntry) -> str:
        return ", ".join(name.replace("_", " ") for name in entry.changes) or "-"

    @admin.display(description="changes")
    def changes_table(self, entry: AuditEntry) -> SafeString | str:
        rows = format_html_join("", _ROW, _rows(entry.changes))
        return format_html(_TABLE + _LEGEND, rows) if rows else "-"


_CELL = "padding: 8px 12px; text-align: left; vertical-align: top"
_TEXT = f"{_CELL}; white-space: pre-wrap; overflow-wrap: anywhere; width: 40%"
_ROW = (
    '<tr class="border-t border-base-200 dark:border-base-800">'
    f'<th style="{_CELL}">{{}}</th><td style="{_TEXT}">{{}}</td><td style="{_TEXT}">{{}}</td></tr>'
)
_TABLE = (
    f'<table class="w-full"><thead><tr><th style="{_CELL}">Field</th>'
    f'<th style="{_CELL}">Before</th><th style="{_CELL}">After</th></tr></thead>'
    "<tbody>{}</tbody></table>"
)
_LEGEND = (
    f'<p style="{_CELL}">… stands for what is personal or secret. Of tags, products and rights '
    "only those that left and those that came are told.</p>"
)


def _rows(changes: dict[str, list[Any]]) -> Iterator[tuple[str, str, str]]:
    for name, (before, after) in changes.items():
        yield name.replace("_", " "), _text(before), _text(after)


def _text(value: Any) -> str:  # noqa: ANN401
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return "\n".join(map(_text, value)) or "-"
        case dict():
            return show_pairs({name: _text(inner) for name, inner in value.items()})
    return str(value)


def _midnight(day: date, *, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min) + timedelta(days=days))


def _noun(model: Any) -> str:  # noqa: ANN401
    return model._meta.verbose_name.capitalize()
