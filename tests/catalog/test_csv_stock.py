import csv

import pytest

from catalog.models import Stock, StockMovement
from catalog.services.counting import change_stock_once, count_stock
from catalog.services.stock import reserve_stock
from catalog.spreadsheets.cells import read_rows
from catalog.spreadsheets.stock import import_stock, is_known
from config.errors import InvalidInput, NotFound

from .factories import make_product, make_variant
from .test_csv_products import call

pytestmark = pytest.mark.django_db
TOO_LONG = "notes: take at most 100 characters for a reference and 500 for notes"


@pytest.fixture
def mug():
    return make_variant(sku="MUG", on_hand=10)


def bring(*lines, is_dry_run=False):
    rows = read_rows([f"{line}\n" for line in lines], is_known, ["sku"])
    told = []
    for outcome in import_stock(rows, actor=None, is_dry_run=is_dry_run):
        told += [(error.row, error.reason) for error in outcome.errors] or [str(outcome.kind)]
    return told


def on_hand(variant):
    return Stock.objects.get(pk=variant.pk).on_hand


def test_a_count_brings_the_stock_to_its_figure(mug):
    lines = ("sku,counted,reference,notes", "mug,7,Count 1,Two broken")
    assert bring(*lines) == ["changed"]
    row = StockMovement.objects.get()
    assert (row.kind, row.quantity, row.on_hand_after) == ("ADJUSTMENT", -3, 7)
    assert (row.reference, row.notes) == ("Count 1", "Two broken")
    assert bring(*lines) == ["as they were"]
    assert (StockMovement.objects.count(), on_hand(mug)) == (1, 7)


def test_references_differ_by_case_on_every_database(mug):
    for reference in ("rma-a", "RMA-A", "RMA-Á"):
        assert bring("sku,change,reference", f"MUG,+1,{reference}") == ["changed"]
    assert on_hand(mug) == 13


def test_a_change_is_recorded_once_for_its_reference(mug):
    lines = ("sku,change,reference", "MUG,+5,D-1")
    assert bring(*lines) == ["changed"]
    assert bring(*lines) == ["as they were"]
    assert on_hand(mug) == 15
    assert bring("sku,change,reference", "MUG,-4,D-2") == ["changed"]
    rows = StockMovement.objects.order_by("pk").values_list("kind", "on_hand_change")
    assert list(rows) == [("IN", 5), ("OUT", -4)]
    assert on_hand(mug) == 11


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("NONE,1,,", "sku: there is no such variant"),
        (",1,,", "sku: give each row its SKU"),
        ("MUG,1,1,R", "counted: give either what was counted or a change"),
        ("MUG,-1,,", "counted: give a whole number of up to 9 digits"),
        ("MUG,1.5,,", "counted: give a whole number of up to 9 digits"),
        ("MUG,1e3,,", "counted: give a whole number of up to 9 digits"),
        ("MUG,9999999999,,", "counted: give a whole number of up to 9 digits"),
        ("MUG,,0,R", "change: give a whole number that is not 0"),
        ("MUG,,x,R", "change: give a whole number that is not 0"),
        ("MUG,,2,", "reference: name the change, so that it is never recorded twice"),
        ("MUG,,-11,R", "Only 10 are on hand."),
        (f"MUG,1,,{'R' * 101}", TOO_LONG),
        ("MUG,1,,R\0", "notes: there is a character that is no text"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_and_named(mug, line, told):
    assert bring("sku,counted,change,reference", line) == [(2, told)]
    assert on_hand(mug) == 10
    assert not StockMovement.objects.exists()


def test_each_row_counts_by_itself(mug):
    cup = make_variant(sku="CUP", on_hand=1)
    reserve_stock(demand={mug.pk: 5}, order_id="0" * 32)
    told = bring("sku;counted", "MUG;4", "CUP;3", "CUP;4")
    promised = "These pieces are promised to orders. Cancel or ship the orders first."
    assert told == [(2, promised), "changed", (4, "sku: it was in an earlier row")]
    assert (on_hand(mug), on_hand(cup)) == (10, 3)


def test_a_dry_run_writes_nothing(mug):
    lines = ("sku,counted,change,reference", "MUG,4,,", "NONE,1,,")
    expected = ["changed", (3, "sku: there is no such variant")]
    assert bring(*lines, is_dry_run=True) == expected
    assert (on_hand(mug), StockMovement.objects.count()) == (10, 0)
    assert bring(*lines) == expected
    assert on_hand(mug) == 4


def test_an_export_is_the_form_for_a_count(mug, tmp_path):
    make_variant(sku="=B", product=make_product(name="+Cup"), reserved=2, name="Blue")
    make_variant(sku="OLD", archived_at="2026-01-01T00:00Z", is_active=False)
    path = tmp_path / "stock.csv"
    assert call("export_stock_csv", path)[1] == ""
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["sku"] for row in rows] == ["MUG", "'=B"]
    cup = rows[1]
    assert (cup["product"], cup["variant"]) == ("'+Cup", "Blue")
    assert (cup["on_hand"], cup["reserved"], cup["available"]) == ("10", "2", "8")
    output, error = call("import_stock_csv", path)
    assert ("2  stocks as they were" in output, error) == (True, "")
    rows[1]["counted"] = "6"
    with path.open("w") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert "1  stocks changed" in call("import_stock_csv", path, "--dry-run")[0]
    assert Stock.objects.get(variant__sku="=B").on_hand == 10
    assert "1  stocks changed" in call("import_stock_csv", path)[0]
    assert Stock.objects.get(variant__sku="=B").on_hand == 6


def test_services_refuse_what_they_cannot_record(mug):
    with pytest.raises(NotFound):
        count_stock(variant_id=0, counted=1, recorded_by=None)
    with pytest.raises(InvalidInput):
        change_stock_once(variant_id=mug.pk, change=1, recorded_by=None, reference="")
    assert on_hand(mug) == 10
