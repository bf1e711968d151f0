import pytest
from django.db import connection

from catalog.models import Product
from catalog.search import search_products
from tests.catalog.factories import make_category, make_product, make_variant

from .shop import corrected, found, index_everything, stock, with_sku

# InnoDB's full-text index shows rows once they are committed, and not before.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "mysql")


def test_every_word_must_be_there_in_any_order_and_any_field():
    category = make_category(name="Kitchen")
    stock("Blue mug", brand="Acme", description="Holds tea.", category=category)
    stock("Blue lamp", "Red mug")
    assert found("mug blue") == ["Blue mug"]
    assert found("acme kitchen tea") == ["Blue mug"]


def test_case_and_accents_are_ignored_on_both_sides():
    stock("Crème brûlée TORCH")
    assert found("creme BRULEE torch") == found("CRÈME brulée") == ["Crème brûlée TORCH"]


def test_the_last_word_may_be_unfinished():
    stock("Wireless headphone", "Wireless mouse")
    assert found("wireless headp") == ["Wireless headphone"]
    assert corrected("wireless headp") is None


def test_short_and_very_common_words_are_found_like_others():
    stock("The IT of a TV", "Radio")
    for text in ("the", "it", "a tv", "of", "tv it"):
        assert found(text) == ["The IT of a TV"]


@pytest.mark.parametrize(
    "typed",
    ["HD7820/60", "hd7820-60", "hd782060", "HD7820 60", "hd 7820 60", "hd78", "HD7820", "7820"],
)
def test_part_numbers_are_found_however_they_are_written(typed):
    stock("Grinder")
    with_sku("HD7820/60", name="Coffee maker")
    assert found(typed) == ["Coffee maker"]


def test_a_part_number_among_the_attributes_and_a_bar_code_are_found():
    make_variant(
        attributes={"mpn": "C-7115.X", "color": "Crimson"},
        barcode="4004182047",
        product=make_product(name="Toner"),
    )
    stock("Drum")
    assert found("c7115x") == found("4004182047") == found("crimson") == ["Toner"]


def test_words_may_be_split_or_joined():
    stock("Laser print head", "Laser lamp", "Memory 256MB", "Memory 512MB")
    assert found("laser printhead") == ["Laser print head"]
    assert found("memory 256 mb") == found("256MB") == ["Memory 256MB"]
    stock("Wi-Fi antenna")
    assert found("wifi antenna") == found("wi-fi antenna") == found("wi fi") == ["Wi-Fi antenna"]


def test_plurals_find_singulars_and_the_other_way_round():
    stock("Toner cartridge", "AA batteries")
    assert found("cartridges") == ["Toner cartridge"]
    assert found("battery aa") == ["AA batteries"]


@pytest.mark.parametrize("typed", ["hedphone", "haedphone", "headphonne", "hradphone"])
def test_one_typing_error_is_put_right(typed):
    stock("Sony headphone", "Sony camera")
    assert found(f"sony {typed}") == ["Sony headphone"]
    assert corrected(f"Sony {typed}") == "sony headphone"


def test_two_words_may_each_have_an_error():
    stock("Wireless headphone", "Wireless camera")
    assert found("wirless hedphone") == ["Wireless headphone"]
    assert corrected("wirless hedphone") == "wireless headphone"


def test_a_word_that_the_catalogue_has_is_not_corrected():
    stock("Form feed", "From the sea")
    assert found("form") == ["Form feed"]
    assert corrected("form") is corrected("") is corrected("unheardofword") is None


def test_most_words_are_enough_where_no_product_has_all():
    stock("Red wool scarf", "Red cotton scarf", "Blue lamp")
    assert found("red wool scarf marsupial") == ["Red wool scarf", "Red cotton scarf"]
    assert found("marsupial lamp") == ["Blue lamp"]
    assert found("marsupial xylophone") == []


def test_a_begun_word_in_the_middle_is_taken_where_nothing_has_it_whole():
    stock("Photo printer paper", "Photo frame")
    assert found("print paper") == ["Photo printer paper"]


def test_the_name_counts_more_than_the_brand_and_that_more_than_the_description():
    stock("Case", description="Fits a camera.")
    stock("Strap", brand="Camera")
    stock("Lens", category=make_category(name="Camera"))
    stock("Camera bag")
    assert found("camera") == ["Camera bag", "Strap", "Lens", "Case"]


def test_the_same_name_comes_first_and_a_short_one_before_a_long_one():
    stock("Print head cyan for plotters", "Print head cleaner", "Print head")
    assert found("print head") == [
        "Print head",
        "Print head cleaner",
        "Print head cyan for plotters",
    ]


def test_a_whole_word_comes_before_one_that_only_begins_so():
    stock("Printable film", "Print film")
    assert found("print") == ["Print film", "Printable film"]


def test_what_is_in_stock_comes_first_among_equals():
    stock("Red pen one", "Red pen two", "Red pen six")
    Product.objects.filter(name="Red pen two").update(in_stock=True)
    Product.objects.filter(name="Red pen six").update(sold_count=5)
    assert found("red pen") == ["Red pen two", "Red pen six", "Red pen one"]


def test_common_words_are_ordered_by_stock_and_sales_alone(monkeypatch):
    monkeypatch.setattr("catalog.search.RANKED", 2)
    stock("Cable one", "Cable", "Cable three")
    Product.objects.filter(name="Cable one").update(sold_count=5)
    Product.objects.filter(name="Cable three").update(in_stock=True)
    assert found("cable") == ["Cable three", "Cable one", "Cable"]
    assert found("cab") == found("cable")
    assert found("cable three") == ["Cable three"]
    assert found("cable marsupial") == ["Cable three", "Cable one", "Cable"]
    assert found("cable three marsupial") == ["Cable three"]


def test_only_the_given_products_are_looked_through():
    stock("Red mug")
    stock("Red lamp", is_active=False)
    assert found("red", Product.objects.listed()) == ["Red mug"]
    assert found("lamp", Product.objects.listed()) == []


HOSTILE = [
    "& | ! : * \" ' ( ) -",
    "'; DROP TABLE catalog_product; --",
    "100% _ mug",
    "mug\0mug",
    "🎁",
    "   ",
    "",
    "mug & !red | (blue:* <-> 'x')",
    '"mug" NEAR(a b) AND OR NOT name:mug^2',
    "+mug -red ~x >y <z @4",
    "zz",
    "x" * 10_000,
    "mug " * 2_500,
    " ".join(str(number) for number in range(2_000)),
    "\ud7ff\uffff\u200b\u202e",
    "-" * 500,
    "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_typed_is_an_error(text):
    stock("Red mug")
    assert set(found(text)) <= {"Red mug"}
    corrected(text)


def test_signs_of_the_engines_are_no_operators():
    stock("Red mug", "Red lamp")
    assert found("red -mug") == found("red !mug") == found("red & mug") == ["Red mug"]
    assert found("mu*") == ["Red mug"]
    assert found("%") == found("_") == []


@pytest.mark.parametrize(
    ("text", "looks"),
    [("mug", 3), ("red mug", 3), ("red lmap", 4), ("red mug that nobody has", 5)],
)
def test_a_search_looks_a_few_times_before_its_products_are_read(
    django_assert_num_queries, text, looks
):
    stock("Red mug", "Red lamp")
    with django_assert_num_queries(looks):
        products = search_products(Product.objects.all(), text).products
    with django_assert_num_queries(1):
        list(products)


def test_of_very_many_words_that_begin_so_the_commonest_are_taken(monkeypatch):
    monkeypatch.setattr("catalog.search.queries._MAX_BEGUN", 2)
    stock("Mug blue", "Mug red", "Muffin", "Muffin tin", "Musket", "Red lamp")
    assert found("mu") == ["Muffin", "Mug red", "Mug blue", "Muffin tin"]
    assert found("red mu") == ["Mug red"]
    assert found("mus") == ["Musket"]
    assert corrected("mu") is None


def test_words_of_other_scripts_are_found():
    stock("हिन्दी किताब", "Тёплый шарф", "日本語 辞典")
    index_everything()
    assert found("किताब") == ["हिन्दी किताब"]
    assert found("теплый") == ["Тёплый шарф"]
    assert found("日本語") == ["日本語 辞典"]
