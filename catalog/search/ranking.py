"""How well a product matches: rare words before common ones, names before descriptions."""

from collections.abc import Iterable
from math import log

from django.db.models import Case, Expression, FloatField, Q, Value, When
from django.db.models.functions import Length

from .queries import Query, Term

# What a word is worth by where a product has it; begun or corrected ones are worth less.
_IN_NAME, _IN_CODES, _NEAR_IN_NAME, _NEAR_IN_CODES, _IN_LABELS, _IN_BODY = (
    1,
    0.9,
    0.8,
    0.7,
    0.4,
    0.2,
)
# What it is worth that the name is the query, begins with it or has it as it stands; that the
# query is the part number; and that the name is short.
_SAME, _BEGINS, _CONTAINS, _IS_NUMBER, _SHORT = 1, 0.3, 0.2, 0.3, 0.3


def relevance(query: Query, *, has_all: bool) -> Expression:
    """Return the expression that products are ordered by, from 0 to about 3.

    Where every product has all words, those that no other text has are in the body.
    """
    weights = [1 / (1.5 + log(1 + term.frequency)) for term in query.terms]
    score = _closeness(query.text)
    for term, weight in zip(query.terms, weights, strict=True):
        score = score + _credit(term, weight / sum(weights), has_all=has_all)
    return score


def _closeness(text: str) -> Expression:
    near = _first_of(
        [
            (Q(search_document__name=f" {text} "), _SAME),
            (Q(search_document__name__startswith=f" {text}"), _BEGINS),
            (Q(search_document__name__contains=f" {text} "), _CONTAINS),
        ]
    )
    length = Length("search_document__name", output_field=FloatField())
    closeness = near + Value(_SHORT * len(f" {text} "), FloatField()) / length
    number = text.replace(" ", "")
    if number.isalpha():
        return closeness
    is_number = Q(search_document__codes__contains=f" {number} ")
    return closeness + _first_of([(is_number, _IS_NUMBER)])


def _credit(term: Term, weight: float, *, has_all: bool) -> Expression:
    exact = [f" {' '.join(phrase)} " for phrase in term.phrases]
    near = [f" {text}" for text in term.prefixes] + [f" {text} " for text in term.corrections]
    places = [
        (_has("name", exact), _IN_NAME),
        (_has("codes", exact), _IN_CODES),
        (_has("name", near), _NEAR_IN_NAME),
        (_has("codes", near), _NEAR_IN_CODES),
        (_has("labels", exact + near), _IN_LABELS),
    ]
    if not has_all:
        places.append((_has("body", exact + near), _IN_BODY))
    worth = [(condition, worth * weight) for condition, worth in places]
    return _first_of(worth, default=_IN_BODY * weight if has_all else 0)


def _has(column: str, texts: Iterable[str]) -> Q:
    condition = Q()
    for text in texts:
        condition |= Q(**{f"search_document__{column}__contains": text})
    return condition


def _first_of(worth: list[tuple[Q, float]], default: float = 0) -> Case:
    return Case(
        *(When(condition, then=Value(float(value))) for condition, value in worth if condition),
        default=Value(float(default)),
        output_field=FloatField(),
    )
