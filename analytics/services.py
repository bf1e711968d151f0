"""What frontends tell of people's doings goes to the app that counts it."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.services.queries import record_click, record_search
from catalog.services.viewing import record_view


def record_events(*, events: Iterable[Mapping[str, Any]]) -> None:
    """Count views, clicks and searches; the same event twice in one call counts once."""
    distinct = {
        (event["type"], event.get("product"), event.get("query", "")): None for event in events
    }
    for kind, product_id, query in distinct:
        if kind == "view":
            record_view(product_id=product_id)
        elif kind == "search":
            record_search(text=query)
        else:
            record_click(text=query)
