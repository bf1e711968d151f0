"""What a query means: its words, each with the other forms under which products have it."""

from dataclasses import dataclass, field
from itertools import combinations

from django.db.models import QuerySet

from ..models import SearchSpelling, SearchWord
from .engines import All, Any_, Expression, Word
from .spelling import is_one_error_apart, is_spelt, spelling_keys
from .words import compounds, joined_words_of, other_forms

MAX_WORDS = 10
_MAX_CORRECTIONS = 3
_MIN_PREFIX = 3
_LAST_LETTER = "\U0010ffff"


@dataclass
class Term:
    """A word of a query and what counts as having it."""

    word: str
    frequency: int = 0
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    correction: str = ""

    def expression(self) -> Expression:
        phrases = [
            All([Word(text) for text in phrase]) if len(phrase) > 1 else Word(phrase[0])
            for phrase in self.phrases
        ]
        parts = phrases + [Word(text, is_prefix=True) for text in self.prefixes]
        return parts[0] if len(parts) == 1 else Any_(parts)


@dataclass
class Query:
    terms: list[Term]

    def all_words(self) -> Expression:
        return All([term.expression() for term in self.terms])

    def most_words(self, limit: int) -> "tuple[Expression, int]":
        known = [term for term in self.terms if term.frequency or term.prefixes] or self.terms
        rare = [term for term in known if term.frequency <= limit] or known
        rare = sorted(rare, key=lambda term: term.frequency)[:5]
        parts = [
            All([term.expression() for term in chosen])
            for chosen in combinations(rare, (len(rare) + 1) // 2)
        ]
        return Any_(parts), sum(term.frequency for term in rare)

    def corrected(self) -> str | None:
        if not any(term.correction for term in self.terms):
            return None
        return " ".join(term.correction or term.word for term in self.terms)


def read_query(text: str) -> Query | None:
    """Read a query against the words of the catalogue, with one look at the database."""
    parts = list(compounds(text))
    words = [word for part in parts for word in part][:MAX_WORDS]
    if not words:
        return None
    joins = _joins(words)
    splits = {word: _splits(word) for word in words}
    wanted = {*words, *joins}
    for word in words:
        wanted.update(other_forms(word))
        wanted.update(piece for pair in splits[word] for piece in pair)
    known = _look_up(wanted, words)
    written_together = set(joined_words_of(text))
    terms = []
    for position, word in enumerate(words):
        is_last = position == len(words) - 1
        term = Term(word, phrases=[(word,)])
        term.phrases += [(form,) for form in other_forms(word) if form in known]
        term.phrases += [
            (join,)
            for join, span in joins.items()
            if position in span and (join in known or join in written_together)
        ]
        if word not in known or word[0].isdigit():
            term.phrases += [pair for pair in splits[word] if all(piece in known for piece in pair)]
        completions = [w for w in known if w.startswith(word) and w != word]
        if is_last and len(word) >= _MIN_PREFIX:
            term.prefixes.append(word)
        if is_last:
            term.prefixes += [
                join
                for join, span in joins.items()
                if position in span and join in written_together and len(join) >= 3
            ]
        if word not in known and len(term.phrases) == 1 and not (is_last and completions):
            corrections = _corrections(word, known)
            term.phrases += [(c,) for c in corrections]
            if corrections:
                term.correction = corrections[0]
            elif len(word) >= _MIN_PREFIX and not term.prefixes:
                term.prefixes.append(word)
        term.frequency = sum(known.get(phrase[0], 0) for phrase in term.phrases if len(phrase) == 1)
        terms.append(term)
    return Query(terms)


def _joins(words: list[str]) -> dict[str, range]:
    """Return neighbours written as one word, and the places of the words that they join."""
    return {
        "".join(words[start : start + length]): range(start, start + length)
        for length in (2, 3, 4)
        for start in range(len(words) - length + 1)
    }


def _splits(word: str) -> list[tuple[str, str]]:
    """Return a word written as two; where digits and letters meet, or anywhere in a long one."""
    pairs = [(word[:at], word[at:]) for at in range(1, len(word))]
    return [
        (left, right)
        for left, right in pairs
        if left[-1].isdigit() != right[0].isdigit() or min(len(left), len(right)) >= 3
    ]


def _corrections(word: str, known: dict[str, int]) -> list[str]:
    if not is_spelt(word):
        return []
    near = [other for other in known if is_one_error_apart(word, other)]
    return sorted(near, key=lambda other: (other[0] != word[0], -known[other]))[:_MAX_CORRECTIONS]


def _look_up(wanted: set[str], words: list[str]) -> dict[str, int]:
    """Return those words that the catalogue has, and what it has one typing error from them."""
    found = SearchWord.objects.filter(frequency__gt=0)
    keys = {key for word in words for key in spelling_keys(word)}
    near = found.filter(pk__in=SearchSpelling.objects.filter(key__in=keys).values("word"))
    last = words[-1]
    following = SearchWord.objects.filter(
        word__gt=last, word__lt=last + _LAST_LETTER, frequency__gt=0
    )
    completion = found.filter(pk=following.order_by("word").values("pk")[:1])
    rows: QuerySet = found.filter(word__in=wanted).values_list("word", "frequency")
    rows = rows.union(
        near.values_list("word", "frequency"), completion.values_list("word", "frequency")
    )
    return dict(rows)
