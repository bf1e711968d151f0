"""What the staff screens of orders share."""

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline

from config.admin import ReadOnly


class ShownInline(ReadOnly, TabularInline):
    """Rows that are seen with their parent and changed nowhere."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # whoever may open the page
