"""What the staff screens of orders share."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from config.money import format_money

Show = Callable[[Any, Any], str]


def money(column: str, *, of: str = "") -> Show:
    """Show an amount in the currency of its row, or of the row that `of` names."""

    @admin.display(description=column.replace("_", " "), ordering=column)
    def show(self: ModelAdmin, row: Model) -> str:
        currency = getattr(row, of).currency if of else row.currency
        return f"{format_money(getattr(row, column), currency)} {currency}"

    return show


class ShownInline(TabularInline):
    """Rows that are seen with their parent and changed nowhere."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # whoever may open the page

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
