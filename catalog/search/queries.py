"""What a query means: its words, each with the other forms under which products have it."""

from dataclasses import dataclass, field
from itertools import combinations

from ..models import SearchWord
from .engines import AllOf, AnyOf, Expression, Word
from .spelling import words_one_error_away
from .words import joined_words_of, other_forms, words_of

MAX_WORDS = 16
_MAX_CORRECTIONS = 10
_MIN_PREFIX, _MIN_LOOSE_PREFIX = 2, 4
_MOST_OF = 5
_MAX_BEGUN = 40
_LAST_LETTER = "\U0010ffff"


@dataclass
class Term:
    """A word of a query and what counts as having it."""

    word: str
    # Each of one word, or of two where the word may be written as two.
    phrases: list[tuple[str, ...]]
    prefixes: list[str] = field(default_factory=list)
    # The commonest words that begin so, with how many products have each; None if not looked up.
    begun: dict[str, int] | None = None
    corrections: list[str] = field(default_factory=list)
    is_misspelt: bool = False
    was_looked_up: bool = False  # for words one typing error away
    frequency: int = 0
    in_two_words: int = 0  # how many products have it so, at most

    def expression(self) -> Expression:
        parts: list[Expression] = [
            AllOf([Word(text) for text in phrase]) if len(phrase) > 1 else Word(phrase[0])
            for phrase in self.phrases
        ]
        parts += [Word(text) for text in self.corrections]
        parts += [Word(text, is_prefix=True) for text in self.prefixes if text != self.word]
        if self.word in self.prefixes:
            parts += self._beginning()
        return AnyOf(parts) if len(parts) > 1 else parts[0]

    def _beginning(self) -> list[Word]:
        """Return the commonest words that begin so where they are too many for the index."""
        if self.begun and len(self.begun) == _MAX_BEGUN:
            return [Word(text) for text in self.begun]
        return [Word(self.word, is_prefix=True)]

    def most(self) -> int | None:
        """Return how many products have the word at most, or None where it is not known."""
        if self.prefixes and (self.begun is None or self.prefixes != [self.word]):
            return None
        return self.frequency + self.in_two_words + sum((self.begun or {}).values())


@dataclass
class Query:
    """The terms of a query, its whole text in words, and what of all this the catalogue has."""

    terms: list[Term]
    text: str
    # Words that more products have than this are common.
    common: int

    def least(self) -> int:
        """Return how many products have all words at least, as far as it is known."""
        term = self.terms[0]
        return max(term.frequency, *(term.begun or {}).values(), 0) if len(self.terms) == 1 else 0

    def most(self) -> int | None:
        """Return how many products have all words at most, or None where it is not known."""
        return min((most for term in self.terms if (most := term.most()) is not None), default=None)

    def has_rare_word(self) -> bool:
        """Tell whether a word alone says that few products have all; beginnings have no count."""
        return any(0 < t.frequency <= self.common and not t.prefixes for t in self.terms)

    def corrected(self) -> str | None:
        """Return the query as it was taken where a word of it was misspelt."""
        if not any(term.is_misspelt for term in self.terms):
            return None
        words = (term.corrections[0] if term.is_misspelt else term.word for term in self.terms)
        return " ".join(words)

    def all_words(self) -> Expression:
        """Return the condition that a product has every word."""
        return AllOf([term.expression() for term in self.terms])

    def most_words(self) -> Expression:
        """Return the condition that a product has most words, of those that products have."""
        known = [term for term in self.terms if term.frequency or term.prefixes] or self.terms
        rarest = sorted(known, key=lambda term: term.frequency)[:_MOST_OF]
        groups = combinations(rarest, (len(rarest) + 1) // 2)
        return AnyOf([AllOf([term.expression() for term in group]) for group in groups])

    def loosen(self) -> None:
        """Take every word for the beginning of one, or for a misspelt one; drop common words."""
        for term in self.terms:
            if len(term.word) >= _MIN_LOOSE_PREFIX and term.word not in term.prefixes:
                term.prefixes.append(term.word)
        _correct(self.terms)
        rare = [term for term in self.terms if term.frequency <= self.common]
        if any(term.frequency for term in rare):
            self.terms = rare


def read_query(text: str, *, common: int) -> Query | None:
    """Read a query against the words of the catalogue; a misspelt one costs a second look."""
    words = words_of(text)
    if not words:
        return None
    chosen = words[:MAX_WORDS]
    joins = _joins(chosen, set(joined_words_of(text)))
    known = _look_up(chosen, joins)
    terms = [_term(place, chosen, joins, known) for place in range(len(chosen))]
    last = terms[-1]
    if last.prefixes and last.frequency <= common:
        last.begun = _begun(last.word)
        last.is_misspelt = last.is_misspelt and not last.begun
    _correct([term for term in terms if term.is_misspelt])
    for term in terms:
        term.is_misspelt = bool(term.corrections)
        is_whole = term.word in known or term.corrections or term is terms[-1]
        if not is_whole and len(term.word) >= _MIN_LOOSE_PREFIX:
            term.prefixes = [term.word]
        if term.frequency > common:  # a page is full without those that only begin so
            term.prefixes, term.begun = [], None
    return Query(terms, " ".join(words), common)


def _correct(terms: list[Term]) -> None:
    """Give terms the words one typing error away: same first letter first, then the commonest."""
    terms = [term for term in terms if not term.was_looked_up]
    near = {term.word: words_one_error_away(term.word) for term in terms}
    known = _frequencies(set().union(*near.values()))
    for term in terms:
        words = [word for word in near[term.word] if word in known]
        words.sort(key=lambda word: (word[0] != term.word[0], -known[word], word))
        term.corrections, term.was_looked_up = words[:_MAX_CORRECTIONS], True
        if term.is_misspelt:
            term.frequency += sum(known[word] for word in term.corrections)


@dataclass(frozen=True)
class _Join:
    """Neighbours written as one word."""

    word: str
    places: range
    is_typed: bool  # with a dash or the like between them


def _joins(words: list[str], typed: set[str]) -> list[_Join]:
    joins = []
    for length in (2, 3, 4):
        for start in range(len(words) - length + 1):
            word = "".join(words[start : start + length])
            joins.append(_Join(word, range(start, start + length), word in typed))
    return joins


def _term(place: int, words: list[str], joins: list[_Join], known: dict[str, int]) -> Term:
    word, is_last = words[place], place == len(words) - 1
    joined = [join for join in joins if place in join.places]
    forms = [form for form in other_forms(word) if form in known]
    forms += [join.word for join in joined if join.word in known or join.is_typed]
    term = Term(word, [(word,), *((form,) for form in forms)])
    if is_last:
        begun = [word, *(join.word for join in joined if join.is_typed)]
        term.prefixes = [text for text in begun if len(text) >= _MIN_PREFIX]
    # Only where each part is commoner: "notebook" stays one word, "singlelink" is two.
    often = known.get(word, 0)
    pairs = {pair: min(known.get(part, 0) for part in pair) for pair in _splits(word)}
    pairs = {pair: frequency for pair, frequency in pairs.items() if frequency > often}
    term.phrases += pairs
    term.in_two_words = sum(pairs.values())
    term.is_misspelt = word not in known and not forms
    single = [phrase[0] for phrase in term.phrases if len(phrase) == 1]
    term.frequency = sum(known.get(text, 0) for text in single)
    return term


def _splits(word: str) -> list[tuple[str, str]]:
    """Return a word written as two: where digits meet letters, or where both parts are long."""
    pairs = [(word[:at], word[at:]) for at in range(1, len(word))]
    return [
        (left, right)
        for left, right in pairs
        if left[-1].isdigit() != right[0].isdigit() or min(len(left), len(right)) >= 3
    ]


def _look_up(words: list[str], joins: list[_Join]) -> dict[str, int]:
    """Return which words of a query, in what form, the catalogue has, and how many products."""
    wanted = {*words, *(join.word for join in joins)}
    for word in words:
        wanted.update(other_forms(word))
        wanted.update(part for pair in _splits(word) for part in pair)
    return _frequencies(wanted)


def _begun(word: str) -> dict[str, int]:
    """Return the commonest words that begin with one."""
    found = SearchWord.objects.filter(word__gt=word, word__lt=word + _LAST_LETTER)
    commonest = found.filter(frequency__gt=0).order_by("-frequency")[:_MAX_BEGUN]
    return dict(commonest.values_list("word", "frequency"))


def _frequencies(words: set[str]) -> dict[str, int]:
    if not words:
        return {}
    found = SearchWord.objects.filter(word__in=words, frequency__gt=0)
    return dict(found.values_list("word", "frequency"))
