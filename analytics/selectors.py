"""Figures of what people searched."""

from datetime import date
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum

from catalog.models import SearchedQuery

SHOWN = 50


def search_figures(start: date, end: date) -> dict[str, Any]:
    """Return sums, the most frequent queries, and those that found nothing, of some days."""
    rows = SearchedQuery.objects.filter(day__range=(start, end)).order_by()
    queries = rows.values("key").annotate(
        query=Min("text"),
        searches=Sum("times"),
        empty=Sum("times_empty"),
        opened=Sum("clicks"),
    )
    return {
        "totals": _totals(rows),
        "top_queries": [_figures(row) for row in queries.order_by("-searches", "query")[:SHOWN]],
        "without_results": [
            {"query": row["query"], "searches": row["empty"]}
            for row in queries.filter(empty__gt=0).order_by("-empty", "query")[:SHOWN]
        ],
    }


def _totals(rows: QuerySet[SearchedQuery]) -> dict[str, Any]:
    sums = rows.aggregate(
        searches=Sum("times", default=0),
        different_queries=Count("key", distinct=True),
        without_results=Sum("times_empty", default=0),
        clicks=Sum("clicks", default=0),
    )
    return sums | {"click_through": _click_through(sums["clicks"], sums["searches"])}


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "query": row["query"],
        "searches": row["searches"],
        "without_results": row["empty"],
        "clicks": row["opened"],
        "click_through": _click_through(row["opened"], row["searches"]),
    }


def _click_through(clicks: int, searches: int) -> float:
    return round(clicks / searches, 4) if searches else 0.0
