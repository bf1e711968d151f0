"""The search index beside a shop that is changing."""

import pytest

from catalog.models import SearchDocument, SearchRecount, SearchWord
from catalog.search.rebuilding import index_all_products, recount_words
from catalog.search.vocabulary import count_new_words
from catalog.services.products import create_product, update_product
from tests.catalog.factories import make_category

from .races import run_together

pytestmark = pytest.mark.django_db(transaction=True)


def add(number, category):
    fields = {"name": f"Mug {number}", "sku": f"S{number}", "price": "1", "category": category.pk}
    return create_product(actor=None, fields=fields).pk


def test_rebuilding_and_counting_beside_changes_leave_the_index_right():
    category = make_category(name="Cups")
    ids = [add(number, category) for number in range(6)]
    SearchDocument.objects.update(name=" wrong ")

    def rename(pk):
        for word in ("red", "green", "blue"):
            update_product(product_id=pk, actor=None, fields={"name": f"{word} mug"})

    jobs = [lambda pk=pk: rename(pk) for pk in ids]
    answers = run_together(
        *jobs, lambda: index_all_products(lambda done: None), count_new_words, count_new_words
    )
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    count_new_words()
    assert set(SearchDocument.objects.values_list("name", flat=True)) == {" blue mug "}
    counted = dict(
        SearchWord.objects.filter(word__in=["blue", "mug", "red", "cups"]).values_list(
            "word", "frequency"
        )
    )
    assert {word: counted.get(word, 0) for word in ("blue", "mug", "red", "cups")} == {
        "blue": 6,
        "mug": 6,
        "red": 0,
        "cups": 6,
    }
    assert not SearchRecount.objects.exists()
    before = dict(SearchWord.objects.filter(frequency__gt=0).values_list("word", "frequency"))
    recount_words(lambda done: None)
    after = dict(SearchWord.objects.filter(frequency__gt=0).values_list("word", "frequency"))
    assert after == before
