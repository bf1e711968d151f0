"""How well a product matches: rare words before common ones, names before descriptions."""

from math import log

from django.db.models import Case, FloatField, Q, Value, When
from django.db.models.functions import Length

from .queries import Query, Term

_DOCUMENT = "search_document__"
IN_NAME, IN_CODES, NAME_PREFIX, CODES_PREFIX, IN_LABELS, IN_BODY = 1.0, 0.9, 0.8, 0.7, 0.4, 0.2
LENGTH, EXACT, BEGINS, PHRASE = 0.3, 1.0, 0.3, 0.2


def relevance(query: Query, *, has_all: bool):
    """Return the expression that products are ordered by."""
    weights = [1 / (1.5 + log(1 + term.frequency)) for term in query.terms]
    whole = sum(weights)
    text = " ".join(term.word for term in query.terms)
    score = _closeness(text)
    for term, weight in zip(query.terms, weights, strict=True):
        score = score + _credit(term, weight / whole, has_all=has_all)
    return score


def _closeness(text: str):
    near = Case(
        When(Q(**{f"{_DOCUMENT}name": f" {text} "}), then=Value(EXACT)),
        When(Q(**{f"{_DOCUMENT}name__startswith": f" {text}"}), then=Value(BEGINS)),
        When(Q(**{f"{_DOCUMENT}name__contains": f" {text}"}), then=Value(PHRASE)),
        default=Value(0.0),
        output_field=FloatField(),
    )
    return near + Value(LENGTH * (len(text) + 2)) / Length(
        f"{_DOCUMENT}name", output_field=FloatField()
    )


def _credit(term: Term, weight: float, *, has_all: bool) -> Case:
    exact = [f" {' '.join(phrase)} " for phrase in term.phrases]
    begun = [f" {prefix}" for prefix in term.prefixes]
    tiers = [
        (_has("name", exact), IN_NAME),
        (_has("codes", exact), IN_CODES),
        (_has("name", begun), NAME_PREFIX),
        (_has("codes", begun), CODES_PREFIX),
        (_has("labels", exact + begun), IN_LABELS),
    ]
    if not has_all:
        tiers.append((_has("body", exact + begun), IN_BODY))
    return Case(
        *(When(condition, then=Value(part * weight)) for condition, part in tiers if condition),
        default=Value(IN_BODY * weight if has_all else 0.0),
        output_field=FloatField(),
    )


def _has(column: str, texts: list[str]) -> Q:
    condition = Q()
    for text in texts:
        condition |= Q(**{f"{_DOCUMENT}{column}__contains": text})
    return condition
