"""What people search, and what of it is suggested to others: staff block what nobody should see."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.admin import ReadOnly

from ..models import SearchedQuery, SuggestedQuery
from ..services.queries import block_queries, unblock_queries


class BlocksTexts(ReadOnly, ModelAdmin):
    """Rows that a worker writes; their texts can be kept out of the suggestions."""

    search_fields = ["text"]
    search_help_text = "What was searched."
    show_full_result_count = False
    list_display_links = None
    actions = ["block"]

    def has_block_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_suggestedquery")

    @admin.action(description="Keep out of the suggestions", permissions=["block"])
    def block(self, request: HttpRequest, queryset: QuerySet) -> None:
        blocked = block_queries(texts=queryset.values_list("text", flat=True))
        messages.success(request, f"{blocked} texts are not suggested any more.")


@admin.register(SearchedQuery)
class SearchedQueryAdmin(BlocksTexts):
    list_display = ["text", "day", "times", "times_empty", "clicks", "taken_as"]
    list_filter = ["day"]
    ordering = ["-day", "-times", "pk"]


@admin.register(SuggestedQuery)
class SuggestedQueryAdmin(BlocksTexts):
    list_display = ["text", "times", "state"]
    list_filter = ["is_blocked"]
    ordering = ["-times", "pk"]
    actions = ["block", "unblock"]

    @display(ordering="is_blocked", label={"suggested": "success", "blocked": "danger"})
    def state(self, query: SuggestedQuery) -> str:
        return "blocked" if query.is_blocked else "suggested"

    @admin.action(description="Let it be suggested again", permissions=["block"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[SuggestedQuery]) -> None:
        unblocked = unblock_queries(texts=queryset.values_list("text", flat=True))
        messages.success(
            request, f"{unblocked} texts are suggested again as soon as they are searched enough."
        )
