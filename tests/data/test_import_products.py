from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Category, MovementKind, Product, Stock, StockMovement, Variant
from tests.catalog.factories import make_product, make_variant

from .files import gzipped, icecat, row, seed_product, write_csv, write_json_lines, write_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _currency(settings):
    settings.STORE_CURRENCY = "USD"


def run(path, **options):
    call_command("import_products", path, **options)


def everything():
    """All that an import of products writes, to compare before and after."""
    models = (Category, Product, Variant, Stock, StockMovement)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_icecat_products_come_with_brand_part_number_attributes_and_a_synthetic_price(tmp_path):
    run(write_json_lines(tmp_path, icecat("41")))
    product = Product.objects.get(external_source="icecat", external_id="41")
    variant = product.variants.get()
    assert (product.name, product.brand) == ("Acme QX-900 label printer", "Acme")
    assert (variant.sku, variant.barcode) == ("QX-900", "4006381333931")
    assert variant.attributes == {
        "mpn": "QX-900",
        "t_colour": "Grey",
        "n_width": 118.5,
        "b_wireless": True,
    }
    # 99 + 41 * 7919 mod 50000 = 24778 cents
    assert variant.price == product.price == product.base_price == Decimal("247.78")
    assert product.currency == "USD"
    assert product.category.parent.name == "Icecat"
    assert product.category.path == f"/{product.category.parent_id}/{product.category_id}/"
    assert product.slug == "acme-qx-900-label-printer-41"


def test_products_are_found_by_the_attributes_they_came_with(tmp_path, api):
    run(write_json_lines(tmp_path, icecat("41")))
    page = api.get("/api/v1/search/", {"attr_t_colour": "Grey", "attr_n_width": "118.5"}).json()
    assert page["count"] == 1
    assert page["facets"]["attributes"]["b_wireless"] == [{"value": "True", "count": 1}]


def test_html_in_descriptions_becomes_text(tmp_path):
    text = "Fast &amp; quiet<br />100 sheets<b>!</b>"
    run(write_json_lines(tmp_path, icecat(short_description=text)))
    assert Product.objects.get().description == "Fast & quiet\n100 sheets!"


@pytest.mark.parametrize("part_number", ["Plain Paper A4", "X" * 65, "", "能-1"])
def test_a_part_number_that_is_free_text_gives_way_to_the_id(tmp_path, part_number):
    run(write_json_lines(tmp_path, icecat("41", mpn=part_number)))
    assert Variant.objects.get().sku == "ICECAT-41"


def test_a_part_number_that_is_taken_gives_way_to_the_id(tmp_path):
    make_variant(sku="TAKEN-1")
    run(
        write_json_lines(
            tmp_path, icecat("1", mpn="taken-1"), icecat("2", mpn="b5"), icecat("3", mpn="B5")
        )
    )
    skus = Variant.objects.filter(product__external_source="icecat").order_by("sku")
    assert list(skus.values_list("sku", flat=True)) == ["B5", "ICECAT-1", "ICECAT-3"]


def test_a_slug_that_is_taken_is_made_longer(tmp_path):
    make_product(slug="acme-qx-900-label-printer-41")
    run(write_json_lines(tmp_path, icecat("41"), icecat("42", title="能", mpn="")))
    slugs = set(Product.objects.filter(external_source="icecat").values_list("slug", flat=True))
    assert slugs == {"acme-qx-900-label-printer-41-icecat-41", "icecat-42"}


def test_long_titles_are_cut_and_rows_without_a_title_or_json_reported(tmp_path):
    report = tmp_path / "report.csv"
    path = write_json_lines(
        tmp_path, icecat("1", title="T" * 259), icecat("2", title=" "), icecat("1"), {"id": 5}
    )
    with open(path, "a") as file:
        file.write("{broken\n")
    run(path, report=str(report))
    assert Product.objects.get().name == "T" * 255
    assert report.read_text().splitlines() == [
        "row,key,reason",
        "2,2,no title",
        "3,1,the same id was in an earlier row",
        '4,,"malformed: no id, mpn or title"',
        "5,,malformed: no JSON",
    ]


def test_online_retail_products_follow_their_sale_lines_and_not_the_others(tmp_path):
    run(
        write_csv(
            tmp_path,
            row(code="10001a", name=" TIN  MUG ", price="1.25"),
            row(code="POST", price="18.00"),
            row("C700002", code="10002", quantity=-1),
        ),
        currency="usd",
    )
    product = Product.objects.get()
    assert (product.external_source, product.external_id) == ("online-retail", "10001A")
    assert (product.name, product.price) == ("TIN MUG", Decimal("1.25"))
    assert product.variants.get().sku == "10001A"


def test_names_and_prices_follow_a_later_until_and_sku_and_slug_stay(tmp_path):
    early = row(name="OLD NAME", price="1.00")
    late = [row("700002", name="NEW", price="2.00", time="2011-05-01 10:00:00")] * 2
    path = write_csv(tmp_path, early, *late)
    run(path, until="2011-05-01")
    before = Product.objects.get()
    assert (before.name, before.price) == ("OLD NAME", Decimal(1))
    Product.objects.update(
        flash_percentage=50, flash_starts_at="2000-01-01T00:00Z", flash_ends_at="2999-01-01T00:00Z"
    )
    run(path)
    after = Product.objects.get()
    assert (after.name, after.slug, after.base_price) == ("NEW", before.slug, Decimal(2))
    assert (after.price, after.compare_at_price) == (Decimal(1), Decimal(2))
    assert after.variants.get().price == Decimal(2)


def test_seed_products_come_with_their_category_tree_and_stock(tmp_path):
    run(write_json_lines(tmp_path, seed_product("7"), seed_product("8", sku=None, stock=0)))
    product = Product.objects.get(external_source="testshop", external_id="7")
    assert [product.category.name, product.category.parent.name] == ["Desk lamps", "Lighting"]
    assert (product.variants.get().sku, product.price, product.in_stock) == (
        "LMP-7",
        Decimal("19.90"),
        True,
    )
    sold_out = Product.objects.get(external_id="8")
    assert (sold_out.variants.get().sku, sold_out.in_stock) == ("TESTSHOP-8", False)
    assert Category.objects.count() == 2


def test_stock_of_new_products_is_what_its_ledger_says(tmp_path):
    run(write_json_lines(tmp_path, seed_product("7"), icecat_like := seed_product("8")), stock=25)
    assert icecat_like["stock"] == 4
    assert set(Stock.objects.values_list("on_hand", "reserved")) == {(25, 0)}
    ledger = StockMovement.objects.values_list("kind", "on_hand_change", "on_hand_after")
    assert list(ledger) == [(MovementKind.IN, 25, 25)] * 2
    run(write_json_lines(tmp_path, seed_product("7"), seed_product("9")), stock=1)
    assert sorted(Stock.objects.values_list("on_hand", flat=True)) == [1, 25, 25]


def test_a_product_without_stock_has_a_stock_row_and_no_ledger(tmp_path):
    run(write_json_lines(tmp_path, icecat()))
    assert Stock.objects.get().on_hand == 0
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("options", [{}, {"dry_run": True}])
def test_a_second_run_changes_nothing(tmp_path, options):
    path = write_json_lines(tmp_path, seed_product("7"), seed_product("8"))
    run(path)
    before = everything()
    run(path, **options)
    assert everything() == before


def test_a_dry_run_writes_nothing_and_reports_the_same(tmp_path, capsys):
    path = write_json_lines(tmp_path, seed_product("7"), seed_product("8", name=""))
    run(path, dry_run=True)
    dry = capsys.readouterr().out.splitlines()
    assert not Product.objects.exists()
    assert not Category.objects.exists()
    run(path)
    wet = capsys.readouterr().out.splitlines()
    assert dry[0] == "Dry run: nothing was written."
    assert dry[1:] == wet[1:]
    assert "          1  products added" in wet


def test_gzipped_files_are_read_like_plain_ones(tmp_path):
    run(gzipped(write_json_lines(tmp_path, icecat())))
    assert Product.objects.count() == 1


@pytest.mark.parametrize("options", [{"currency": "EUR"}, {}])
def test_another_currency_than_the_shops_is_refused_and_nothing_written(
    tmp_path, settings, options
):
    settings.STORE_CURRENCY = "INR"
    with pytest.raises(CommandError, match="STORE_CURRENCY="):
        run(write_json_lines(tmp_path, seed_product()), **options)
    assert not Product.objects.exists()


def test_saying_the_shops_currency_takes_the_numbers_as_they_stand(tmp_path, settings):
    settings.STORE_CURRENCY = "INR"
    run(write_json_lines(tmp_path, seed_product()), currency="INR")
    assert (Product.objects.get().price, Product.objects.get().currency) == (
        Decimal("19.90"),
        "INR",
    )


def test_files_that_cannot_be_read_are_refused_with_what_to_do(tmp_path):
    packed = gzipped(write_json_lines(tmp_path, icecat()))
    with open(packed, "rb") as file:
        half = file.read()[:-20]
    (tmp_path / "half.gz").write_bytes(half)
    (tmp_path / "latin.csv").write_bytes("Länge;Preis\n".encode("latin-1"))
    refusals = {
        str(tmp_path / "none.csv"): "No such file",
        write_text(tmp_path / "other.csv", "a,b\n1,2\n"): "none of the forms",
        write_text(tmp_path / "empty.csv", ""): "none of the forms",
        str(tmp_path / "half.gz"): "damaged or cut off",
        str(tmp_path / "latin.csv"): "not UTF-8",
    }
    for path, message in refusals.items():
        with pytest.raises(CommandError, match=message):
            run(path)
    with pytest.raises(CommandError, match="have no time"):
        run(write_json_lines(tmp_path, icecat()), until="2020-01-01")
    assert not Product.objects.exists()
