"""What frontends tell of people's doings goes to the app that counts it."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.services.queries import record_click, record_search
from catalog.services.viewing import record_view


def record_events(*, events: Iterable[Mapping[str, Any]]) -> None:
    """Count views, clicks and searches; the same event twice in one call counts once."""
    distinct = {
        (event["type"], event.get("product"), event.get("query")): event for event in events
    }
    for event in distinct.values():
        if event["type"] == "view":
            record_view(product_id=event["product"])
        elif event["type"] == "search":
            record_search(text=event["query"])
        else:
            record_click(text=event.get("query", ""))
