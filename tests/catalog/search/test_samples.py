from itertools import pairwise

import pytest
from django.db import connection

from catalog.models import Product, SearchWord
from catalog.search import search_products
from catalog.search.samples import SAMPLE_WORDS, level_of, sample, sample_words

from .shop import stock

# InnoDB's full-text index shows rows once they are committed, and not before.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


def test_of_two_products_one_has_the_first_sample_word_and_of_four_one_the_second():
    levels = [len(sample_words(number)) for number in range(100_000)]
    for level in range(1, 8):
        expected = 100_000 / 2**level
        assert abs(sum(each >= level for each in levels) - expected) < 0.1 * expected
    assert max(levels) <= len(SAMPLE_WORDS)


@pytest.mark.parametrize(
    ("matches", "level"),
    [(0, 0), (100, 0), (101, 1), (200, 1), (201, 2), (400, 2), (401, 3), (10**12, 16)],
)
def test_a_sample_has_no_more_than_was_wanted(matches, level):
    assert level_of(matches, 100) == level


def test_a_sample_is_a_part_of_what_matches_and_of_the_next_larger_sample():
    stock(*(f"Red mug {number}" for number in range(40)))
    matches = search_products(Product.objects.all(), "red mug").products
    parts = [
        {row.pk for row in matches},
        *({row.pk for row in sample(matches, level)} for level in (1, 2, 3)),
    ]
    assert all(larger >= smaller for larger, smaller in pairwise(parts))
    assert parts[1] == {pk for pk in parts[0] if len(sample_words(pk)) >= 1}
    assert parts[3] == {pk for pk in parts[0] if len(sample_words(pk)) >= 3}


def test_sample_words_are_no_words_of_the_catalogue():
    stock(*(f"Red mug {number}" for number in range(8)))
    assert not SearchWord.objects.filter(word__in=SAMPLE_WORDS).exists()
