from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Seller, User
from accounts.services.profiles import erase_user
from catalog.services.sellers import hide_suspended_products
from catalog.tasks import hide_suspended_products as hide_task
from tests.accounts.factories import make_staff, make_user
from tests.orders.factories import make_placed_order

from .factories import make_product, make_review, make_seller, make_upload, make_variant

pytestmark = pytest.mark.django_db
URL = "/api/v1/sellers/"


@pytest.fixture
def user(api):
    user = make_user()
    api.force_authenticate(user)
    return user


def names(api, **query):
    return [row["name"] for row in api.get(URL, query).json()["results"]]


def stored(address):
    return address.removeprefix("http://testserver/media/")


def test_a_user_applies_and_staff_approve(api, user):
    body = {"name": "Asha's Mugs", "description": "Clay.", "status": "approved", "rating": 5}
    answer = api.post(URL, body)
    seller = Seller.objects.get()
    shown = {
        "id": seller.pk,
        "slug": "ashas-mugs",
        "name": "Asha's Mugs",
        "description": "Clay.",
        "logo": None,
        "product_count": 0,
        "rating": 0.0,
        "status": "pending",
    }
    assert (answer.status_code, answer.json()) == (201, shown)
    assert answer["Location"] == f"http://testserver{URL}{seller.pk}/"
    profile = api.get("/api/v1/users/me/").json()
    assert profile["role"] == "customer"
    assert profile["seller"] == {"id": seller.pk, "slug": "ashas-mugs", "status": "pending"}
    api.force_authenticate(make_staff())
    answer = api.post(f"{URL}ashas-mugs/approve/")
    assert (answer.status_code, answer.json()) == (200, shown | {"status": "approved"})
    user.refresh_from_db()
    assert user.role == "seller"


def test_who_is_approved_may_sell_and_who_waits_may_not(api, user):
    seller = Seller.objects.create(user=user, slug="mugs", name="Mugs")
    assert api.post("/api/v1/products/", {}).status_code == 403
    api.force_authenticate(make_staff())
    api.post(f"{URL}{seller.pk}/approve/")
    user.refresh_from_db()
    api.force_authenticate(user)
    assert api.post("/api/v1/products/", {}).status_code == 400


def logos():
    return default_storage.listdir("sellers")[1] if default_storage.exists("sellers") else []


def test_one_application_a_user(api, user):
    before = logos()
    assert api.post(URL, {"name": "Mugs"}).status_code == 201
    again = api.post(URL, {"name": "Cups", "logo": make_upload()}, format="multipart")
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    assert [row.name for row in Seller.objects.all()] == ["Mugs"]
    assert logos() == before


def test_others_see_approved_sellers_and_staff_find_those_who_wait(api):
    make_seller(name="Open")
    waiting = make_seller(name="Waiting", status="pending")
    make_seller(name="Stopped", status="suspended")
    assert names(api) == ["Open"]
    assert api.get(f"{URL}{waiting.slug}/").status_code == 404
    api.force_authenticate(make_user())
    assert (names(api), names(api, status="pending")) == (["Open"], [])
    api.force_authenticate(waiting.user)
    assert api.get(f"{URL}{waiting.pk}/").json()["status"] == "pending"
    api.force_authenticate(make_staff())
    assert names(api) == ["Open", "Stopped", "Waiting"]
    assert names(api, status="pending") == ["Waiting"]
    assert api.get(URL, {"status": "new"}).json()["details"] == {
        "status": ["Give one of pending, approved, suspended."]
    }


@pytest.mark.parametrize(
    ("slug", "made"), [("", "123"), ("12", None), ("new", None), ("mugs", None), ("A-b", "a-b")]
)
def test_slugs_are_free_and_never_an_id(api, user, slug, made):
    make_seller(slug="mugs")
    answer = api.post(URL, {"name": "123", "slug": slug})
    if slug and made is None:
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["slug"])
        assert not Seller.objects.filter(user=user).exists()
    else:
        assert answer.json()["slug"] == ("seller-123" if made == "123" else made)


def test_the_owner_changes_what_is_said_and_an_old_slug_leads_on(api):
    seller = make_seller(slug="mugs", name="Mugs")
    api.force_authenticate(seller.user)
    body = {"name": "Cups", "slug": "cups", "description": "Tin.", "status": "suspended"}
    row = api.patch(f"{URL}mugs/", body).json()
    assert (row["name"], row["slug"], row["description"]) == ("Cups", "cups", "Tin.")
    assert row["status"] == "approved"
    moved = api.get(f"{URL}mugs/")
    assert (moved.status_code, moved["Location"]) == (301, f"http://testserver{URL}cups/")
    api.force_authenticate(make_user())
    assert api.patch(f"{URL}cups/", {"name": "Mine"}).status_code == 403
    seller.refresh_from_db()
    assert seller.name == "Cups"


def test_a_logo_is_cleaned_replaced_and_taken_away(api):
    seller = make_seller()
    api.force_authenticate(seller.user)
    exif = Image.Exif()
    exif[0x010E] = "secret"
    picture = make_upload("JPEG", exif=exif)
    first = api.patch(f"{URL}{seller.pk}/", {"logo": picture}, format="multipart").json()["logo"]
    assert first.startswith("http://testserver/media/sellers/")
    kept = Image.open(BytesIO(default_storage.open(stored(first)).read()))
    assert dict(kept.getexif()) == {}
    row = api.patch(f"{URL}{seller.pk}/", {"logo": None}, format="json").json()
    assert row["logo"] is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<svg/>", "Send a JPEG, PNG or WebP picture."),
        (b"x" * 512_001, "The picture is larger than 500 KB."),
    ],
)
def test_a_logo_is_held_to_the_rules_of_pictures(api, user, content, message):
    logo = SimpleUploadedFile("logo.png", content)
    answer = api.post(URL, {"name": "Mugs", "logo": logo}, format="multipart")
    assert (answer.status_code, answer.json()["details"]) == (400, {"logo": [message]})
    assert not Seller.objects.exists()


def test_sellers_show_how_much_they_sell_and_how_it_is_liked(api, django_assert_num_queries):
    seller = make_seller(name="Mugs")
    first, second = (make_variant(product=make_product(seller=seller)).product for _ in range(2))
    make_product(seller=seller, is_active=False, rating=1, review_count=9)
    for product, rating in [(first, 5), (first, 4), (second, 1)]:
        make_review(product=product, rating=rating)
    for _ in range(3):
        make_seller()
    with django_assert_num_queries(2):
        row = api.get(URL).json()["results"][0]
    assert (row["name"], row["product_count"], row["rating"]) == ("Mugs", 2, 3.33)


def test_a_suspended_seller_sells_no_more(api):
    seller = make_seller()
    product = make_variant(product=make_product(seller=seller)).product
    other = make_variant(product=make_product(seller=make_seller())).product
    api.force_authenticate(make_staff())
    answer = api.post(f"{URL}{seller.pk}/suspend/")
    assert (answer.status_code, answer.json()["status"]) == (200, "suspended")
    hide_task()
    for row in (product, other, seller.user):
        row.refresh_from_db()
    assert (product.is_active, other.is_active, seller.user.role) == (False, True, "customer")
    assert hide_suspended_products() == 0
    again = api.post(f"{URL}{seller.pk}/suspend/")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    api.force_authenticate(None)
    assert api.get(f"{URL}{seller.slug}/").status_code == 404
    assert api.get(f"/api/v1/products/{product.slug}/").status_code == 404
    api.force_authenticate(make_staff())
    assert api.post(f"{URL}{seller.pk}/approve/").json()["status"] == "approved"
    product.refresh_from_db()
    assert product.is_active is False  # the seller looks at each before it is sold again


def test_a_seller_whose_user_is_blocked_is_suspended_and_not_let_in_again(api):
    seller = make_seller()
    product = make_variant(product=make_product(seller=seller)).product
    User.objects.filter(pk=seller.user_id).update(is_active=False)
    api.force_authenticate(make_staff())
    assert api.post(f"{URL}{seller.pk}/suspend/").json()["status"] == "suspended"
    hide_task()
    product.refresh_from_db()
    assert product.is_active is False
    assert api.post(f"{URL}{seller.pk}/approve/").json()["code"] == "invalid_transition"


def test_an_application_can_be_turned_down(api):
    seller = make_seller(status="pending")
    api.force_authenticate(make_staff())
    assert api.post(f"{URL}{seller.pk}/suspend/").json()["status"] == "suspended"


def test_an_erased_seller_leaves_no_name():
    gone = make_seller(name="Asha Rao", slug="asha-rao")
    erase_user(user_id=gone.user_id)
    assert not Seller.objects.exists()
    kept = make_seller(name="Asha Rao", slug="asha-rao", description="Me.")
    product = make_product(seller=kept)
    make_placed_order(variants=[make_variant(product=product)])
    erase_user(user_id=kept.user_id)
    kept.refresh_from_db()
    kept.user.refresh_from_db()
    assert (kept.name, kept.slug) == ("Former seller", f"former-seller-{kept.pk}")
    assert (kept.description, kept.status, kept.user.is_seller) == ("", "suspended", False)
    assert hide_suspended_products() == 1
