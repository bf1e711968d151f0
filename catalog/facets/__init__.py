"""By what the matches of a search can be narrowed further, and how many would be left."""

from .counting import Narrowing, count_facets

__all__ = ["Narrowing", "count_facets"]
