import csv
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Category, Product, Stock, StockAlert, StockMovement, Tag, Variant
from catalog.services.bulk_products import create_products
from catalog.services.categories import update_category
from catalog.services.products import create_product
from catalog.spreadsheets.cells import read_rows, write_cell
from catalog.spreadsheets.columns import is_known
from catalog.spreadsheets.products import import_products
from config.errors import InvalidInput
from config.importing import ImportRefused, Skip

from .factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db

HEADER = "slug,name,category,sku,price,stock"
MUG = "mug,Mug,Kitchen > Cups,MUG-1,10,4"
TOO_LOW = "Ensure this value is greater than or equal to 0."
RESERVED = "slug: Take a slug with a letter that is no word of the addresses."


def read_rows_of(*lines):
    return list(read_rows([f"{line}\n" for line in lines], is_known, ["sku"]))


def bring(*lines, is_dry_run=False):
    """Import lines; return what became of each product, or why a row was refused."""
    rows = read_rows([f"{line}\n" for line in lines], is_known, ["sku"])
    told = []
    for outcome in import_products(rows, actor=None, is_dry_run=is_dry_run):
        told += [(error.row, error.reason) for error in outcome.errors] or [str(outcome.kind)]
    return told


def call(command, *args):
    """Return what a command wrote, and how it ended."""
    written = StringIO()
    try:
        call_command(command, *map(str, args), stdout=written)
    except CommandError as error:
        return written.getvalue(), str(error)
    return written.getvalue(), ""


def snapshot():
    products = Product.objects.order_by("pk").values()
    return [
        list(products),
        list(Variant.objects.order_by("pk").values()),
        list(Stock.objects.order_by("pk").values()),
        list(StockMovement.objects.order_by("pk").values()),
        list(Category.objects.order_by("pk").values_list("path", "name")),
        sorted(Tag.objects.values_list("name", "products__slug")),
    ]


def exported(path):
    call("export_catalogue_csv", path)
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_new_products_without_a_slug_are_written_together(django_assert_max_num_queries):
    make_product(slug="mug")
    lines = [f"Mug,Kitchen > Cups,MUG-{n},10,9" for n in range(40)]
    with django_assert_max_num_queries(80):
        assert bring("name,category,sku,price,stock", *lines) == ["new"] * 40
    slugs = set(Product.objects.filter(name="Mug").values_list("slug", flat=True))
    assert len(slugs) == 40
    assert all(slug.startswith("mug-") for slug in slugs)
    assert StockMovement.objects.count() == 40


def test_a_new_product_is_created_with_its_variants_category_and_stock():
    header = f"{HEADER},tags,weight_grams,cost_price,attr:color,is_active"
    assert bring(
        header,
        'Mug,Mug,Kitchen > Cups,mug-r,10.5,4,"new, red",300,7,red,yes',
        "mug,,,mug-b,12,,,,,blue,",
    ) == ["new"]
    product = Product.objects.get(slug="mug")
    assert (product.category.name, product.category.parent.name) == ("Cups", "Kitchen")
    assert (product.price, product.weight_grams, product.in_stock) == (Decimal("10.5"), 300, True)
    assert sorted(product.tags.values_list("name", flat=True)) == ["new", "red"]
    rows = product.variants.values_list("sku", "price", "cost_price", "attributes")
    assert list(rows) == [
        ("MUG-R", Decimal("10.5"), 7, {"color": "red"}),
        ("MUG-B", 12, None, {"color": "blue"}),
    ]
    assert list(Stock.objects.order_by("pk").values_list("on_hand", flat=True)) == [4, 0]
    assert StockMovement.objects.get().reference == "Initial stock"


def test_the_same_file_again_changes_nothing():
    lines = (f"{HEADER},tags,attr:color", f"{MUG},b a,red", "cup,Cup,Kitchen,CUP-1,9.90,1,,")
    assert bring(*lines) == ["new", "new"]
    before = snapshot()
    assert bring(*lines) == ["as they were", "as they were"]
    assert snapshot() == before


def test_a_product_is_changed_where_the_file_says_something_else():
    bring(f"{HEADER},brand", f"{MUG},Acme")
    kept = snapshot()
    assert bring("sku,price,brand,is_active", "mug-1,10.00,Acme,True") == ["as they were"]
    assert snapshot() == kept
    rows = read_rows_of("slug,sku,price,brand,stock", "mug,mug-1,12,,99")
    (outcome,) = import_products(rows, actor=None)
    assert outcome.changes == ["brand: Acme → –", "MUG-1 price: 10.00 → 12.00"]
    product = Product.objects.get()
    assert (product.brand, product.price, product.name) == ("", 12, "Mug")
    assert Stock.objects.get().on_hand == 4
    assert bring("slug,sku,price", "mug,MUG-2,8") == ["changed"]
    assert list(Variant.objects.values_list("sku", "position")) == [("MUG-1", 0), ("MUG-2", 1)]


def test_a_product_moves_to_another_category_that_is_made():
    bring(HEADER, MUG)
    assert bring("sku,category", "MUG-1,Kitchen > Mugs") == ["changed"]
    assert Product.objects.get().category.name == "Mugs"
    assert Category.objects.count() == 3


def test_attributes_are_columns_or_one_column():
    bring(f"{HEADER},attr:color,attr:Size", f"{MUG},red,M")
    assert Variant.objects.get().attributes == {"color": "red", "Size": "M"}
    assert bring("sku,attr:color,attr:kind", "MUG-1,,tall") == ["changed"]
    assert Variant.objects.get().attributes == {"Size": "M", "kind": "tall"}
    line = 'MUG-1,"{""kind"": ""wide""}"'
    assert bring("sku,attributes", line) == ["changed"]
    assert bring("sku,attributes", line) == ["as they were"]
    assert Variant.objects.get().attributes == {"kind": "wide"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("mug,Mug,Cups,MUG-1,ten,4", [(2, "price: A valid number is required.")]),
        ("mug,Mug,Cups,MUG-1,-1,4", [(2, f"price: {TOO_LOW}")]),
        ("mug,Mug,Cups,MUG-1,1.999,4", [(2, "price: Give at most 2 decimals.")]),
        ("mug,Mug,Cups,MUG-1,,4", [(2, "price: give the price of a new variant")]),
        ("mug,,Cups,MUG-1,1,4", [(2, "name: give that of a new product")]),
        ("mug,Mug,,MUG-1,1,4", [(2, "category: give that of a new product")]),
        ("mug,Mug,A >> B,MUG-1,1,4", [(2, "category: write its path as in Lighting > Desk lamps")]),
        ("mug,Mug,Cups,,1,4", [(2, "sku: give each row its SKU")]),
        ("mug,Mug,Cups,MUG-1,1,-4", [(2, f"stock: {TOO_LOW}")]),
        ("123,Mug,Cups,MUG-1,1,4", [(2, RESERVED)]),
        ("mug,Mug,Cups,MUG-1,1", [(2, "it has 5 cells, and the header has 6")]),
        ("mug,Mug,Cups,MUG-1,1,4,x", [(2, "it has 7 cells, and the header has 6")]),
        ("mug,Mu\0g,Cups,MUG-1,1,4", [(2, "name: Null characters are not allowed.")]),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_and_named(line, told):
    assert bring(HEADER, line) == told
    assert not Product.objects.exists()
    assert not Category.objects.exists()


def test_a_product_is_written_whole_or_not_at_all():
    told = bring(HEADER, MUG, "mug,,,MUG-2,free,", "cup,Cup,Kitchen,CUP-1,5,1")
    assert told == [
        (3, "price: A valid number is required."),
        (2, "another row of this product is wrong"),
        "new",
    ]
    assert Product.objects.get().slug == "cup"


def test_rows_that_contradict_each_other_are_refused():
    told = bring(HEADER, MUG, "mug,Jug,,MUG-2,3,")
    assert told[0] == (3, "name: the product's first row says otherwise")
    told = bring(HEADER, MUG, "cup,Cup,K,mug-1,3,", "jar,Jar,K,JAR,3,", "mug,,,MUG-9,3,")
    assert told == [
        (3, "sku: it was in an earlier row"),
        "new",
        "new",
        (5, "slug: put the rows of a product together"),
    ]


def test_what_is_somebody_elses_or_gone_is_refused():
    theirs = make_variant()
    old = {"archived_at": "2026-01-01T00:00Z", "is_active": False}
    gone = make_variant(product=make_product(slug="gone"), **old)
    lines = [f"mug,Mug,Cups,{theirs.sku},10,", f"gone,,,{gone.sku},1,"]
    assert bring(HEADER, *lines) == [
        (2, "sku: it belongs to another product"),
        (3, "sku: this variant was deleted"),
    ]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("sku,colour,prize", "Nobody knows the columns 'colour', 'prize'."),
        ("sku,attr:,price", "Nobody knows the columns 'attr:'."),
        ("sku,price,Price", "The header names a column twice: price."),
        ("slug,price", "The header lacks the column sku."),
        ("", "The header lacks the column sku."),
    ],
)
def test_a_header_that_is_not_understood_is_refused(header, told):
    with pytest.raises(ImportRefused, match=told):
        read_rows_of(header, "1,2,3")


def test_a_dry_run_finds_what_an_import_would_and_writes_nothing():
    bring(HEADER, MUG)
    before = snapshot()
    lines = (
        HEADER,
        "mug,Mug,Kitchen > Other,MUG-1,11,",
        "cup,Cup,New > Newer,CUP-1,5,3",
        "12,Featured,Cups,FEA-1,5,",
        "featured,Word,Cups,WRD-1,5,",
    )
    expected = ["changed", "new", (4, RESERVED), (5, RESERVED)]
    assert bring(*lines, is_dry_run=True) == expected
    assert snapshot() == before
    assert bring(*lines) == expected


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=x", "''-x", "it's", "'"]
)
def test_a_text_that_a_spreadsheet_would_run_is_defused_and_read_as_it_was(text):
    cell = write_cell(text)
    assert cell[0] not in "=+-@\t\r"
    line = StringIO()
    csv.writer(line).writerow([cell])
    (row,) = read_rows(["sku\n", *line.getvalue().splitlines(keepends=True)], is_known, ["sku"])
    assert row.cells["sku"] == text
    assert write_cell(-5) == "-5"
    assert write_cell(Decimal("-5")) == "-5.00"


def test_an_export_comes_back_without_a_change(tmp_path):
    category = make_category(name="Odd > name")
    odd = make_product(
        name="=HYPERLINK(1)", description='two\r\nlines, "quoted" ; \'x', category=category
    )
    odd.tags.add(Tag.objects.create(name="Rock, Paper", slug="rock-paper"))
    make_variant(product=odd, sku="-ODD", attributes={"n": 118.5, "wireless": True, "c": "+1"})
    make_variant(product=odd, sku="B", compare_at_price="120", name="Blue")
    make_variant(archived_at="2026-01-01T00:00Z", is_active=False)
    path = tmp_path / "products.csv"
    first, second = exported(path)
    assert first["name"] == "'=HYPERLINK(1)"
    assert (first["sku"], first["price"], first["attr:n"]) == ("'-ODD", "100.00", "118.5")
    assert (second["compare_at_price"], second["attr:n"], second["stock"]) == ("120.00", "", "10")
    before = snapshot()
    output, error = call("import_catalogue_csv", path)
    assert ("1  products as they were" in output, error) == (True, "")
    assert snapshot() == before


def test_many_names_of_attributes_share_a_column(tmp_path):
    make_variant(attributes={f"a{number}": "x" for number in range(41)})
    (row,) = exported(tmp_path / "products.csv")
    assert len(json.loads(row["attributes"])) == 41
    cell = row["attributes"].replace('"', '""')
    assert bring("sku,attributes", f'{row["sku"]},"{cell}"') == ["as they were"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_command_reads_what_spreadsheets_write(tmp_path, encoding, delimiter):
    text = f"{HEADER}\n{MUG}\ncup,Tasse für Öl,Küche,CUP-1,5,1\n".replace(",", delimiter)
    path = tmp_path / "products.csv"
    path.write_text(text, encoding=encoding)
    output, error = call("import_catalogue_csv", path)
    assert (output, error) == ("Imported.\n          2  products new\n", "")
    assert Product.objects.get(slug="cup").name == "Tasse für Öl"


def test_the_command_tells_each_refused_row_and_fails(tmp_path):
    path, report = tmp_path / "products.csv", tmp_path / "report.csv"
    huge = "x" * 10_000_000
    lines = [HEADER, MUG, f"jar,{huge},Jars,JAR-1,1,1", "cup,Cup,Cups,CUP-1,cheap,1"]
    path.write_text("\n".join([*lines, ",,,,,", "pot,Pot,Pots,POT-1,7,2"]))
    output, error = call("import_catalogue_csv", path, "--report", report)
    assert "2  products new" in output
    assert error == "2 rows were left out."
    assert list(csv.reader(report.open())) == [
        ["row", "key", "reason"],
        ["3", "", "no proper CSV: field larger than field limit (1000000)"],
        ["4", "CUP-1", "price: A valid number is required."],
    ]
    assert sorted(Product.objects.values_list("slug", flat=True)) == ["mug", "pot"]


def test_the_command_refuses_what_is_no_text(tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes(HEADER.encode() + b"\nmug,M\xfcg,Cups,MUG-1,10,4\n")
    assert "not UTF-8" in call("import_catalogue_csv", path)[1]
    assert "No such file" in call("import_catalogue_csv", tmp_path / "none.csv")[1]
    assert not Product.objects.exists()


def test_the_longest_description_is_exported_and_read_again(tmp_path):
    text = "\n".join(["slug,name", *(f"word {number}" for number in range(15_000))])
    assert len(text) > 131_072
    product = make_variant(product=make_product(description=text)).product
    call("export_catalogue_csv", tmp_path / "products.csv")
    Product.objects.filter(pk=product.pk).update(description="", name="Another")
    output, error = call("import_catalogue_csv", tmp_path / "products.csv")
    assert (output, error) == ("Imported.\n          1  products changed\n", "")
    assert Product.objects.get().description == text


def test_no_category_of_a_file_is_named_like_a_word_of_the_addresses():
    bring("slug,name,category,sku,price", "mug,Mug,New > Featured,MUG-1,10")
    slugs = dict(Category.objects.values_list("name", "slug"))
    assert slugs == {"New": "new-2", "Featured": "new-featured"}
    for category in Category.objects.all():
        update_category(category_id=category.pk, fields={"description": "Changed"})


def test_a_row_that_cannot_be_read_is_a_skip():
    assert read_rows_of("sku,name", "A") == [Skip(2, "", "it has 1 cells, and the header has 2")]


def test_many_new_products_are_written_as_each_would_be_by_itself():
    def tables():
        hidden = {"id", "pk", "product_id", "category_id", "variant_id", "created_at", "updated_at"}
        hidden |= {"open_for_id"}
        models = (Product, Variant, Stock, StockMovement, StockAlert)
        rows = [list(model.objects.order_by("pk").values()) for model in models]
        kept = [[{k: v for k, v in row.items() if k not in hidden} for row in t] for t in rows]
        return kept, sorted(Tag.objects.values_list("name", "products__slug"))

    names = ("Mug", "Cup", "Pot")
    row = {"attributes": {"color": "red"}, "stock": 3, "price": Decimal("8")}
    many = [
        {
            "name": name,
            "slug": name.lower(),
            "tags": ["new", "New", name],
            "tax_class": "Reduced",
            "is_active": name != "Pot",
            "variants": [
                {**row, "sku": f"{name}-1", "price": Decimal("9.50"), "is_active": False},
                {**row, "sku": f"{name}-2", "compare_at_price": Decimal("12")},
                {**row, "sku": f"{name}-3", "stock": 0, "low_stock_threshold": 0},
            ],
        }
        for name in names
    ]
    category = make_category()
    for fields in many:
        fields["category"] = category.pk
    create_products(actor=None, many=many)
    together = tables()
    Product.objects.all().delete()
    Tag.objects.all().delete()
    for fields in many:
        create_product(actor=None, fields=fields)
    assert together == tables()
    assert Product.objects.get(slug="mug").price == 8


@pytest.mark.parametrize("change", [{"slug": "mug"}, {"slug": "12"}, {"category": 0}])
def test_many_new_products_are_all_written_or_none(change):
    make_product(slug="mug")
    category = make_category().pk
    row = {"sku": "A", "price": 1, "stock": 2}
    good = {"name": "Cup", "slug": "cup", "category": category, "variants": [row]}
    bad = good | {"slug": "pot", "variants": [row | {"sku": "B"}]} | change
    for many in ([good, bad], [good, good | {"slug": "pot"}]):
        with pytest.raises(InvalidInput):
            create_products(actor=None, many=many)
    assert Product.objects.count() == 1
    assert not Variant.objects.exists()


def test_one_wrong_product_keeps_none_of_its_neighbours_back():
    taken = make_product(slug="taken", archived_at="2026-01-01T00:00Z", is_active=False)
    lines = [f"p-{n},Product {n},Cups,SKU-{n},5,1" for n in range(60)]
    lines[7] = "featured,Word,Cups,SKU-7,5,1"
    lines[55] = f"{taken.slug},Taken,Cups,SKU-55,5,1"
    told = bring(HEADER, *lines)
    assert told[7] == (9, RESERVED)
    assert told[55] == (57, "slug: this product was deleted")
    assert told.count("new") == 58
    assert Product.objects.count() == 59
