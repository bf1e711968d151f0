import csv

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags

from catalog.admin import spreadsheets
from catalog.models import Product, Stock, StockMovement, Variant
from tests.accounts.factories import make_staff, make_user

from .factories import make_product, make_variant

pytestmark = pytest.mark.django_db

HEADER = "slug,name,category,sku,price,stock"
MUG = "mug,Mug,Kitchen > Cups,MUG-1,10,4"


@pytest.fixture
def staff(client):
    user = make_staff()
    client.force_login(user)
    return user


def address(model, action):
    return reverse(f"admin:catalog_{model}_{action}")


def upload(client, *lines, model="product", encoding="utf-8"):
    data = "\n".join(lines).encode(encoding)
    file = SimpleUploadedFile("file.csv", data, "text/csv")
    body = {"import_file": file, "format": "0", "resource": "0"}
    return client.post(address(model, "import"), body)


def confirm(client, page, model="product"):
    form = page.context["confirm_form"]
    return client.post(address(model, "process_import"), form.initial, follow=True)


def told(page):
    return [str(message) for message in page.context["messages"]]


def test_a_file_is_previewed_and_then_written(client, staff):
    variant = make_variant(product=make_product(name="Old <b>", slug="old"), sku="OLD-1", price=5)
    page = upload(client, HEADER, MUG, 'old,"=1+1<i>",,OLD-1,6,')
    rows = page.context["result"].valid_rows()
    assert [(row.import_type, row.diff) for row in rows] == [
        ("new", ["2", "MUG-1", "name: Mug"]),
        ("update", ["3", "OLD-1", "name: Old <b> → =1+1<i>; OLD-1 price: 5.00 → 6.00"]),
    ]
    assert "Old &lt;b&gt;" in page.content.decode()
    assert Product.objects.filter(slug="mug").count() == 0
    done = confirm(client, page)
    assert told(done) == ["1 new, 1 changed, 0 as they were."]
    variant.refresh_from_db()
    assert (variant.price, variant.product.name) == (6, "=1+1<i>")
    assert StockMovement.objects.get().recorded_by == staff
    assert LogEntry.objects.count() == 2
    again = confirm(client, page)
    assert told(again)[-1] == "The file is not kept any more. Choose it again."


def test_errors_are_named_by_row_and_nothing_is_written(client, staff):
    page = upload(client, HEADER, MUG, "cup,Cup,Cups,CUP-1,cheap,1", "x,y")
    assert "confirm_form" not in page.context
    wrong = page.context["result"].invalid_rows
    assert [(row.number, row.values, row.error_dict) for row in wrong] == [
        (3, (3, "CUP-1"), {"price": ["A valid number is required."]}),
        (4, (4, ""), {NON_FIELD_ERRORS: ["it has 2 cells, and the header has 6"]}),
    ]
    assert "A valid number is required." in page.content.decode()
    assert not Product.objects.exists()


def test_all_that_is_wrong_with_a_row_stands_beside_it(client, staff):
    page = upload(client, f"{HEADER},featured", "cup,Cup,Cups,CUP-1,cheap,1,maybe")
    (wrong,) = page.context["result"].invalid_rows
    assert (wrong.values, sorted(wrong.error_dict)) == ((2, "CUP-1"), ["featured", "price"])
    text = " ".join(strip_tags(page.content.decode()).split())
    assert "Row SKU What is wrong 2 CUP-1 price: A valid number is required. featured:" in text


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["sku,colour", "A,b"], "Nobody knows the columns &#x27;colour&#x27;."),
        ([HEADER, *(MUG.replace("1", str(n)) for n in range(4))], "more than 3 rows"),
        ([HEADER, *(MUG.replace("1", str(n)) for n in range(4))], "import_catalogue_csv"),
    ],
)
def test_a_file_that_is_not_taken_says_why(client, staff, monkeypatch, lines, text):
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    page = upload(client, *lines)
    assert text in page.content.decode()
    assert "confirm_form" not in page.context
    assert not Product.objects.exists()


def test_a_file_that_is_too_large_or_no_text_is_refused(client, staff, monkeypatch):
    page = upload(client, HEADER, "mug,Müg,Cups,MUG-1,10,4", encoding="latin-1")
    assert page.context["form"].errors == {"import_file": ["The file is not UTF-8 text."]}
    assert upload(client, "").context["form"].errors["import_file"]
    monkeypatch.setattr(spreadsheets, "MAX_BYTES", 20)
    page = upload(client, HEADER, MUG)
    assert "more than 10 MB" in page.context["form"].errors["import_file"][0]
    assert not Product.objects.exists()


def test_what_changed_since_the_preview_is_named(client, staff):
    page = upload(client, HEADER, MUG, "cup,Cup,Cups,CUP-1,5,1")
    make_variant(sku="CUP-1")
    done = confirm(client, page)
    assert told(done) == [
        "1 new, 0 changed, 0 as they were.",
        "Row 3: it belongs to another product",
    ]


def test_the_list_is_exported_as_it_is_filtered(client, staff, monkeypatch):
    make_variant(product=make_product(name="=Mug", brand="Acme"))
    make_variant(product=make_product(name="Cup"))
    url = address("product", "export")
    assert client.get(url).status_code == 200
    answer = client.post(f"{url}?q=Acme", {"format": "0", "resource": "0"})
    assert answer["Content-Type"] == "text/csv"
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert [(row["name"], row["price"]) for row in rows] == [("'=Mug", "100.00")]
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 1)
    page = client.post(url, {"format": "0", "resource": "0"})
    assert "export_catalogue_csv" in page.content.decode()


@pytest.mark.parametrize("sheet", [spreadsheets.ProductSheet, spreadsheets.StockSheet])
def test_too_many_rows_are_refused_before_any_is_read(
    db, monkeypatch, django_assert_num_queries, sheet
):
    product = make_variant().product
    make_variant(product=product)
    make_variant()
    rows = (Product if sheet is spreadsheets.ProductSheet else Variant).objects.all()
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 1)
    with django_assert_num_queries(1), pytest.raises(ValueError, match="more than 1 rows"):
        sheet().export(rows)
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 2)
    with pytest.raises(ValueError, match="more than 2 rows"):
        sheet().export(rows)
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    assert len(sheet().export(rows)) == 4


def test_stock_is_exported_counted_and_brought_back(client, staff):
    variant = make_variant(sku="MUG", on_hand=10)
    answer = client.post(address("variant", "export"), {"format": "0", "resource": "0"})
    (row,) = csv.DictReader(answer.content.decode("utf-8-sig").splitlines())
    assert (row["sku"], row["on_hand"], row["counted"]) == ("MUG", "10", "")
    page = upload(client, "sku,counted", "MUG,7", model="variant")
    (preview,) = page.context["result"].valid_rows()
    assert preview.diff == ["2", "MUG", "on hand: 10 → 7"]
    assert Stock.objects.get(pk=variant.pk).on_hand == 10
    assert told(confirm(client, page, "variant")) == ["0 new, 1 changed, 0 as they were."]
    assert StockMovement.objects.get().recorded_by == staff
    assert Stock.objects.get(pk=variant.pk).on_hand == 7


@pytest.mark.parametrize(
    ("model", "names", "can_import", "can_export"),
    [
        ("product", ["view_product"], 403, 200),
        ("product", ["view_product", "change_product"], 403, 200),
        ("product", ["view_product", "add_product", "change_product"], 200, 200),
        ("product", ["view_order"], 403, 403),
        ("variant", ["view_variant"], 403, 200),
        ("variant", ["view_variant", "add_stockmovement"], 200, 200),
        ("variant", [], 403, 403),
    ],
)
def test_only_who_may_write_imports_and_who_may_read_exports(
    client, model, names, can_import, can_export
):
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(person)
    assert client.get(address(model, "import")).status_code == can_import
    assert upload(client, HEADER, MUG, model=model).status_code == can_import
    assert client.get(address(model, "export")).status_code == can_export
    body = {"format": "0", "resource": "0"}
    assert client.post(address(model, "export"), body).status_code == can_export
    if can_import == 403:
        assert client.post(address(model, "process_import"), {}).status_code == 403
    assert not Product.objects.exists()
