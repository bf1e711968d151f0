"""What the staff screens of orders share."""

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline


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
