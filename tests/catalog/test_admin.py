import pytest
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from catalog.models import Category, Collection, Product, ProductImage, StockMovement, Tag
from orders.models import Order
from tests.accounts.factories import make_staff

from .factories import make_category, make_product, make_upload, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = make_staff()
    client.force_login(user, backend="accounts.backends.IdentifierBackend")
    return user


def url(model, page, *args):
    return reverse(f"admin:catalog_{model}_{page}", args=args)


def form_of(client, address):
    """Return what a browser would send back from a page without touching anything."""
    response = client.get(address)
    assert response.status_code == 200
    data = {}
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if hasattr(bound.field, "decompress") or hasattr(bound.field, "fields"):
                continue
            if value is None or value is False or isinstance(value, FieldFile):
                continue
            data[bound.html_name] = value
    return data


def post(client, address, data):
    response = client.post(address, data)
    if response.status_code == 200:
        context = response.context
        found = [context["adminform"].form.errors]
        found += [inline.formset.errors for inline in context["inline_admin_formsets"]]
        return response.status_code, str(found)
    return response.status_code, ""


@pytest.mark.parametrize(
    "model", ["product", "category", "collection", "tag", "stockmovement", "variant"]
)
def test_the_lists_of_the_catalogue_open(client, staff, model):
    make_variant()
    Tag.objects.create(name="t", slug="t")
    Collection.objects.create(title="c", slug="c")
    assert client.get(url(model, "changelist")).status_code == 200
    assert client.get(url(model, "changelist"), {"q": "x"}).status_code == 200
    if model != "variant":
        assert client.get(url(model, "add")).status_code == 200


def test_a_product_is_added_with_its_variant_stock_and_picture(client, staff):
    category, tag = make_category(), Tag.objects.create(name="Eco", slug="eco")
    data = form_of(client, url("product", "add")) | {
        "name": "Blue mug",
        "category": category.pk,
        "tags": [tag.pk],
        "variants-0-sku": "mug-1",
        "variants-0-price": "99.50",
        "variants-0-stock": "7",
        "variants-0-attributes": "size: 12",
        "images-TOTAL_FORMS": "1",
        "images-0-file": make_upload(),
        "images-0-position": "0",
    }
    assert post(client, url("product", "add"), data) == (302, "")
    product = Product.objects.get()
    variant = product.variants.get()
    assert (product.slug, product.price, product.in_stock) == ("blue-mug", variant.price, True)
    assert (variant.sku, variant.stock.on_hand, variant.attributes) == ("MUG-1", 7, {"size": "12"})
    assert StockMovement.objects.get().recorded_by == staff
    assert list(product.tags.all()) == [tag]
    assert product.images.get().is_primary
    assert product.thumbnail == product.images.get().file.name


def test_changing_a_product_refreshes_its_prices(client, staff):
    variant = make_variant(price="100.00", on_hand=4, attributes={"color": "red"})
    address = url("product", "change", variant.product_id)
    data = form_of(client, address) | {"variants-0-price": "80", "name": "Renamed"}
    assert post(client, address, data) == (302, "")
    product = Product.objects.get()
    assert (product.name, product.price, product.base_price) == ("Renamed", 80, 80)
    variant.refresh_from_db()
    assert (variant.attributes, variant.stock.on_hand) == ({"color": "red"}, 4)


def test_what_a_service_refuses_is_shown_and_nothing_changes(client, staff):
    make_variant(sku="TAKEN")
    variant = make_variant(price="100.00")
    address = url("product", "change", variant.product_id)
    before = form_of(client, address)
    times = {
        "flash_starts_at_0": "2026-01-01",
        "flash_starts_at_1": "00:00:00",
        "flash_ends_at_0": "2099-01-01",
        "flash_ends_at_1": "00:00:00",
    }
    code, errors = post(client, address, before | times | {"flash_price": "100"})
    assert (code, "under the normal price" in errors) == (200, True)
    assert post(client, address, before | {"flash_price": "90"})[0] == 200
    assert post(client, address, before | {"variants-0-sku": "taken"})[0] == 200
    assert post(client, address, before | {"variants-0-price": "1.234"})[0] == 200
    assert form_of(client, address) == before
    assert post(client, address, before | times | {"flash_price": "90"}) == (302, "")
    assert Product.objects.get(pk=variant.product_id).price == 90


def test_pictures_are_changed_and_deleted_on_the_products_page(client, staff):
    variant = make_variant()
    address = url("product", "change", variant.product_id)
    data = form_of(client, address) | {"images-TOTAL_FORMS": "2"}
    for number in range(2):
        data |= {f"images-{number}-file": make_upload(), f"images-{number}-position": number}
    assert post(client, address, data) == (302, "")
    first, second = ProductImage.objects.order_by("pk")
    assert (first.is_primary, second.is_primary) == (True, False)
    data = form_of(client, address) | {"images-1-is_primary": "on", "images-1-alt_text": "Side"}
    assert post(client, address, data) == (302, "")
    second.refresh_from_db()
    assert (second.is_primary, second.alt_text) == (True, "Side")
    data = form_of(client, address) | {"images-1-DELETE": "on"}
    assert post(client, address, data) == (302, "")
    assert ProductImage.objects.get() == first
    bad = form_of(client, address) | {"images-TOTAL_FORMS": "2"}
    bad |= {"images-1-file": make_upload("GIF"), "images-1-position": 1}
    code, errors = post(client, address, bad)
    assert (code, "JPEG, PNG or WebP" in errors) == (200, True)
    assert ProductImage.objects.count() == 1


def test_deleting_an_ordered_product_archives_it(client, staff):
    variant = make_variant()
    order = Order.objects.create(number="ORD-1", currency="INR", subtotal=1, total_amount=1)
    order.lines.create(
        position=1,
        product=variant.product,
        variant=variant,
        sku="x",
        name="x",
        quantity=1,
        unit_price=1,
        line_total=1,
    )
    address = url("product", "delete", variant.product_id)
    assert client.get(address).status_code == 200
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert Product.objects.get().archived_at is not None
    other = make_product()
    action = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    assert client.post(url("product", "changelist"), action).status_code == 302
    assert not Product.objects.filter(pk=other.pk).exists()


def test_a_movement_is_recorded_and_stays_as_it_is(client, staff):
    variant = make_variant(on_hand=5)
    data = {"variant": variant.pk, "kind": "OUT", "quantity": "2", "reference": "", "notes": "x"}
    assert post(client, url("stockmovement", "add"), data) == (302, "")
    row = StockMovement.objects.get()
    assert (row.on_hand_after, row.recorded_by) == (3, staff)
    assert client.get(url("stockmovement", "change", row.pk)).status_code == 200
    assert client.post(url("stockmovement", "change", row.pk), data).status_code == 403
    assert client.get(url("stockmovement", "delete", row.pk)).status_code == 403
    code, errors = post(client, url("stockmovement", "add"), data | {"quantity": "9"})
    assert (code, "Only 3 are on hand" in errors) == (200, True)
    assert StockMovement.objects.count() == 1


def test_categories_keep_their_paths_in_the_admin(client, staff):
    parent = make_category()
    data = {"name": "Mugs", "parent": parent.pk, "is_active": "on", "position": "0"}
    added = data | {"image": make_upload()}
    assert post(client, url("category", "add"), added) == (302, "")
    mugs = Category.objects.get(name="Mugs")
    assert (mugs.slug, mugs.path) == ("mugs", f"{parent.path}{mugs.pk}/")
    assert mugs.image.name.endswith(".png")
    cycle = {"name": "P", "parent": mugs.pk, "position": "0", "slug": parent.slug}
    code, errors = post(client, url("category", "change", parent.pk), cycle)
    assert (code, "below itself" in errors) == (200, True)
    assert post(client, url("category", "change", mugs.pk), data | {"parent": ""}) == (302, "")
    mugs.refresh_from_db()
    assert (mugs.path, mugs.slug, bool(mugs.image)) == (f"/{mugs.pk}/", "mugs", True)


def test_collections_and_tags_get_their_slugs_in_the_admin(client, staff):
    assert post(client, url("collection", "add"), {"title": "Summer Sale"}) == (302, "")
    assert post(client, url("tag", "add"), {"name": "2026"}) == (302, "")
    assert Collection.objects.get().slug == "summer-sale"
    tag = Tag.objects.get()
    assert tag.slug == "tag-2026"
    assert post(client, url("tag", "change", tag.pk), {"name": "Year"}) == (302, "")
    tag.refresh_from_db()
    assert (tag.name, tag.slug) == ("Year", "tag-2026")
