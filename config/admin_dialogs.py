"""What the dialogs of staff screens share; they ask before anything happens.

A dialog is shown by GET and acts by POST; an action without one would act by a mere link.
"""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

Row = TypeVar("Row", bound=Model)


def find_row(model: type[Row], object_id: str | None) -> Row:
    """Return the row that an address names, or raise Http404."""
    try:
        return model._default_manager.get(pk=object_id)
    except (model.DoesNotExist, ValidationError, ValueError):  # type: ignore[attr-defined]
        raise Http404()


def link_to(model: str, object_id: object, text: str) -> str:
    """Show a text that leads to the page of another row."""
    address = reverse(f"admin:{model}_change", args=[object_id])
    colours = "text-primary-600 dark:text-primary-500 whitespace-nowrap"
    return format_html('<a class="{}" href="{}">{}</a>', colours, address, text)


def lead_to(name: str, *args: object) -> HttpResponse:
    """Close a dialog and show a page: htmx, which posts dialogs, follows no redirect."""
    return HttpResponse(headers={"HX-Redirect": reverse(f"admin:{name}", args=args)})
