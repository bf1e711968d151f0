"""CSV files in the admin: previewed first, and written by the same services as everything else."""

import csv
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.results import InvalidRow, Result, RowResult
from import_export.tmp_storages import CacheStorage
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from config.importing import ImportRefused, Skip

from ..models import Stock, Variant
from ..spreadsheets import columns, stock
from ..spreadsheets.cells import Row, read_rows
from ..spreadsheets.exporting import product_rows, stock_rows
from ..spreadsheets.outcome import Kind, Outcome
from ..spreadsheets.products import import_products

MAX_ROWS = 5000
MAX_BYTES = 10_000_000

_TYPES = {
    Kind.NEW: RowResult.IMPORT_TYPE_NEW,
    Kind.CHANGED: RowResult.IMPORT_TYPE_UPDATE,
    Kind.UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
    Kind.REFUSED: RowResult.IMPORT_TYPE_INVALID,
}


class FileFormat(CSV):
    """Lines as they were uploaded, and rows as they are written."""

    def create_dataset(self, in_stream: bytes | str | None, **kwargs: Any) -> list[str]:  # noqa: ANN401
        if in_stream is None:
            raise ImportRefused("The file is not kept any more. Choose it again.")
        text = in_stream.decode("utf-8-sig") if isinstance(in_stream, bytes) else in_stream
        return list(StringIO(text, newline=""))

    def export_data(self, dataset: Iterator[list[str]], **kwargs: Any) -> str:  # noqa: ANN401
        text = StringIO()
        csv.writer(text).writerows(dataset)
        return text.getvalue()


class UploadForm(ImportForm):
    def clean_import_file(self) -> UploadedFile:
        file = self.cleaned_data["import_file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("The file has more than 10 MB. " + _BY_COMMAND)
        return file


_BY_COMMAND = (
    "Larger ones are brought in by `manage.py import_catalogue_csv` or `import_stock_csv`, "
    "and written by `export_catalogue_csv` or `export_stock_csv`."
)


class Sheet:
    """What a kind of file has for columns, and who reads and writes it."""

    shown: list[str]
    is_known: Callable[[str], bool]
    importer: Callable[..., Iterator[Outcome]]

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        """Take what the library passes to its own kind of resources."""

    @classmethod
    def get_display_name(cls) -> str:
        return cls.__name__

    def get_user_visible_fields(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(column_name=name) for name in self.shown]

    def import_data(
        self,
        dataset: list[str],
        dry_run: bool = False,
        user: Any = None,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Result:
        """Write the rows of a file, or say what writing them would do."""
        result = Result()
        try:
            rows = self._read(dataset)
        except ImportRefused as refusal:
            result.append_base_error(SimpleNamespace(error=refusal, traceback=""))
            return result
        for outcome in self.importer(rows, actor=user, is_dry_run=dry_run):
            _add(result, outcome)
        wrong = result.has_validation_errors()
        result.invalid_rows.sort(key=lambda row: row.number)
        result.diff_headers = ["Row", "SKU", "What is wrong" if wrong else "What changes"]
        return result

    def _read(self, lines: list[str]) -> list[Row | Skip]:
        rows = list(islice(read_rows(lines, self.is_known, ["sku"]), MAX_ROWS + 1))
        if len(rows) > MAX_ROWS:
            raise ImportRefused(f"The file has more than {MAX_ROWS:,} rows. {_BY_COMMAND}")
        return rows

    def export(self, queryset: QuerySet, **kwargs: Any) -> list[list[str]]:  # noqa: ANN401
        # Each of the list is a row at least: too many are refused before any is read.
        if queryset.count() <= MAX_ROWS:
            rows = list(islice(self.rows(queryset), MAX_ROWS + 2))
            if len(rows) <= MAX_ROWS + 1:
                return rows
        raise ValueError(f"These are more than {MAX_ROWS:,} rows. {_BY_COMMAND}")

    def rows(self, queryset: QuerySet) -> Iterator[list[str]]:
        raise NotImplementedError


class ProductSheet(Sheet):
    shown = [
        "slug",
        *columns.OF_PRODUCT,
        "sku",
        *columns.OF_VARIANT,
        "stock",
        "attr:color (and others)",
        "attributes",
    ]
    is_known = staticmethod(columns.is_known)
    importer = staticmethod(import_products)

    def rows(self, queryset: QuerySet) -> Iterator[list[str]]:
        return product_rows(queryset)


class StockSheet(Sheet):
    shown = [*stock.READ]
    is_known = staticmethod(stock.is_known)
    importer = staticmethod(stock.import_stock)

    def rows(self, queryset: QuerySet[Variant]) -> Iterator[list[str]]:
        return stock_rows(Stock.objects.filter(variant__in=queryset.order_by().values("pk")))


class SpreadsheetMixin(ImportExportMixin):
    """Adds import and export to a list; a page names its sheet, and who may."""

    import_form_class = UploadForm
    export_form_class = ExportForm
    formats = [FileFormat]
    tmp_storage_class = CacheStorage
    to_encoding = "utf-8-sig"  # by which Excel knows it
    sheet: type[Sheet]
    import_permissions: tuple[str, ...]

    def get_resource_classes(self, request: HttpRequest) -> list[type[Sheet]]:
        return [self.sheet]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(self.import_permissions)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)  # type: ignore[attr-defined]

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Say at the file what is wrong with all of it, where the library writes plain text."""
        response = super().import_action(request, **kwargs)
        context = getattr(response, "context_data", None) or {}
        result = context.get("result")
        if result is not None and result.base_errors:
            context["form"].add_error("import_file", str(result.base_errors[0].error))
            del context["result"]
        return response

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        is_text = not isinstance(e, UnicodeDecodeError)
        form.add_error("import_file", str(e) if is_text else "The file is not UTF-8 text.")

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        try:
            return super().process_import(request, **kwargs)
        except ImportRefused as refusal:
            messages.error(request, str(refusal))
            name = "admin:{}_{}_import".format(*self.get_model_info())
            return HttpResponseRedirect(reverse(name))

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        """Say what was written; what the shop refuses since the preview is named."""
        new, changed, unchanged = (
            result.totals[_TYPES[kind]] for kind in (Kind.NEW, Kind.CHANGED, Kind.UNCHANGED)
        )
        messages.success(request, f"{new} new, {changed} changed, {unchanged} as they were.")
        for row in result.invalid_rows[:10]:
            messages.error(request, f"Row {row.number}: {' '.join(row.error.messages)}")


def _add(result: Result, outcome: Outcome) -> None:
    for (number, sku), errors in _by_row(outcome.errors).items():
        result.invalid_rows.append(InvalidRow(number, ValidationError(errors), (number, sku)))
    row = RowResult()
    row.import_type = _TYPES[outcome.kind]
    result.increment_row_result_total(row)
    if outcome.kind in (Kind.NEW, Kind.CHANGED):
        numbers, skus = (_span([str(r.number) for r in outcome.rows]), outcome.rows[0].sku)
        more = f" and {len(outcome.rows) - 1} more" if len(outcome.rows) > 1 else ""
        row.diff = [numbers, skus + more, "; ".join(outcome.changes)]
        row.add_instance_info(outcome.instance)
        row.instance = outcome.instance
        result.append_row_result(row)


def _by_row(skips: list[Skip]) -> dict[tuple[int, str], dict[str, list[str]]]:
    """Return the texts of what is wrong with each row, by column."""
    rows: dict[tuple[int, str], dict[str, list[str]]] = {}
    for skip in skips:
        column, colon, text = skip.reason.partition(": ")
        name, told = (column, text) if colon else (NON_FIELD_ERRORS, skip.reason)
        rows.setdefault((skip.row, skip.key), {}).setdefault(name, []).append(told)
    return rows


def _span(numbers: list[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
