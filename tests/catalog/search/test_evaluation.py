import json
from math import log2

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import SearchDocument
from catalog.search.evaluation import Judged, mean, measure

from .shop import stock

# InnoDB's full-text index shows rows once they are committed, and not before.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


def test_reciprocal_rank_is_that_of_the_first_good_answer():
    judged = Judged("q", {"a": 1, "b": 1, "c": 0})
    assert measure(judged, ["c", "x", "b", "a"])["MRR"] == pytest.approx(1 / 3)
    assert measure(judged, ["c", "x"])["MRR"] == 0
    assert measure(judged, [])["MRR"] == 0


def test_recall_is_of_those_that_ten_places_have_room_for():
    assert measure(Judged("q", {"a": 1, "b": 1, "c": 1, "d": 1}), ["a", "x", "c"])["recall"] == 0.5
    many = {str(number): 1 for number in range(20)}
    assert measure(Judged("q", many), [str(number) for number in range(10)])["recall"] == 1


def test_ndcg_weighs_grades_by_their_places():
    judged = Judged("q", {"a": 3, "b": 2, "c": 1})
    # (2² − 1) / log₂ 2 + (2³ − 1) / log₂ 4, of 7 / log₂ 2 + 3 / log₂ 3 + 1 / log₂ 4
    gained, best = 3 + 7 / 2, 7 + 3 / log2(3) + 1 / 2
    assert measure(judged, ["b", "x", "a"])["NDCG"] == pytest.approx(gained / best)
    assert measure(judged, ["a", "b", "c"])["NDCG"] == pytest.approx(1)


def test_the_figures_are_means():
    assert mean([{"MRR": 1.0, "NDCG": 0.5}, {"MRR": 0.5, "NDCG": 0.0}]) == {
        "MRR": 0.75,
        "NDCG": 0.25,
    }


def ask(tmp_path, records, *options):
    path = tmp_path / "queries.json"
    path.write_text(records if isinstance(records, str) else json.dumps(records))
    call_command("evaluate_search", str(path), *options)


def shop():
    for name, key in (("Red mug", "17"), ("Blue mug", "18"), ("Lamp", "19")):
        stock(name, external_source="icecat", external_id=key)


def test_the_command_prints_figures_and_writes_what_was_found(tmp_path, capsys):
    shop()
    stock("Red mug of our own")
    records = [
        {"query": "red mug", "expected": [17]},
        {"query": "mug", "ratings": {"18": 2, "19": 1}},
        {"query": "unheard", "expected": ["17"]},
    ]
    ask(tmp_path, records, "--output", str(tmp_path / "found.json"))
    found = json.loads((tmp_path / "found.json").read_text())
    assert found == {"red mug": ["17"], "mug": ["17", "18"], "unheard": []}
    # Of the NDCG, "mug" has the grade 2 in the second place of 2 and 1 in the first two.
    ndcg = (1 + (3 / log2(3)) / (3 + 1 / log2(3))) / 3
    assert f"MRR@10 0.5000  recall@10 0.5000  NDCG@10 {ndcg:.4f}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "records",
    [
        "no json",
        "{}",
        [],
        [3],
        [{"expected": []}],
        [{"query": "q"}],
        [{"query": "q", "expected": "17"}],
        [{"query": "q", "ratings": {"17": "good"}}],
        [{"query": "q", "ratings": {"17": None}}],
        [{"query": "q", "ratings": {"17": -1}}],
        [{"query": "q", "ratings": {"17": "nan"}}],
        [{"query": "q", "ratings": ["17"]}],
    ],
    ids=str,
)
def test_a_file_that_cannot_be_read_is_refused_plainly(tmp_path, records):
    with pytest.raises(CommandError):
        ask(tmp_path, records)


def test_a_missing_file_is_refused_plainly(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("evaluate_search", str(tmp_path / "none.json"))


def test_hostile_queries_are_evaluated_like_others(tmp_path, capsys):
    shop()
    ask(tmp_path, [{"query": text, "expected": []} for text in ("", "🎁", "'|&", "x" * 9_999)])
    assert "MRR@10 0.0000" in capsys.readouterr().out


def test_the_index_is_rebuilt_by_a_command_as_often_as_wanted(capsys):
    shop()
    SearchDocument.objects.all().delete()
    call_command("rebuild_search")
    call_command("rebuild_search")
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("3 products were indexed anew; the catalogue has ")
    assert told[1].startswith("0 products were indexed anew; the catalogue has ")
