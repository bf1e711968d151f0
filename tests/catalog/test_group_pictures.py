"""Pictures of categories and collections: judged as those of products, and none is left behind."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalog.models import Category, Collection
from tests.accounts.factories import make_staff, make_user

from .factories import make_upload

PATHS = ["categories", "collections"]


pytestmark = pytest.mark.django_db(transaction=True)  # files go after a commit


@pytest.fixture(params=PATHS)
def url(request):
    return f"/api/v1/{request.param}/"


@pytest.fixture
def staff(api):
    user = make_staff()
    api.force_authenticate(user)
    return user


def files():
    found = set()
    for folder in PATHS:
        if default_storage.exists(folder):
            found |= {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    return found


@pytest.fixture(autouse=True)
def _no_files():
    for name in files():
        default_storage.delete(name)


def create(api, url, picture=None, **fields):
    body = {"name": "Mugs", "title": "Mugs", "image": picture or make_upload()} | fields
    return api.post(url, body, format="multipart")


def name_of(body):
    return body["image"].removeprefix("http://testserver/media/")


def test_a_picture_comes_with_a_new_group_in_a_form(api, url, staff):
    response = create(api, url, make_upload(name="../../etc/passwd.exe"))
    assert response.status_code == 201
    body = response.json()
    assert files() == {name_of(body)}
    assert body["image"].endswith(".png")
    assert "passwd" not in body["image"]
    assert body["slug"] == "mugs"
    assert body.get("is_active", True) is True
    assert api.get(response["Location"]).json() == body


def test_its_metadata_is_stripped(api, url, staff):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    body = create(api, url, make_upload("JPEG", exif=exif, comment=b"taken at home")).json()
    with default_storage.open(name_of(body)) as stored:
        content = stored.read()
    assert b"taken at home" not in content
    assert not Image.open(BytesIO(content)).getexif()


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", make_upload("GIF").read(), make_upload("JPEG").read()[:99]]
)
def test_anything_but_a_picture_is_refused_and_nothing_is_made(api, url, staff, content):
    response = create(api, url, SimpleUploadedFile("a.png", content))
    assert response.status_code == 400
    assert list(response.json()["details"]) == ["image"]
    assert not Category.objects.exists()
    assert not Collection.objects.exists()
    assert files() == set()


@pytest.mark.parametrize(("extra", "code"), [(0, 201), (1, 400)])
def test_it_has_at_most_512_000_bytes(api, url, staff, extra, code):
    content = make_upload("JPEG").read()
    padded = content + b"\0" * (512_000 - len(content) + extra)
    assert create(api, url, SimpleUploadedFile("a.jpg", padded)).status_code == code


def test_a_replaced_or_taken_picture_leaves_no_file(api, url, staff):
    first = create(api, url).json()
    address = f"{url}{first['id']}/"
    second = api.patch(address, {"image": make_upload("WEBP")}, format="multipart").json()
    assert files() == {name_of(second)} != {name_of(first)}
    kept = api.patch(address, {"description": "Round."}).json()
    assert (kept["image"], kept["description"]) == (second["image"], "Round.")
    form = api.put(address, {"name": "Cups", "title": "Cups"}, format="multipart").json()
    assert form["image"] == second["image"]
    assert form.get("is_active", True) is True
    assert api.patch(address, {"image": None}).json()["image"] is None
    assert files() == set()


def test_a_deleted_group_leaves_no_file(api, url, staff):
    body = create(api, url).json()
    assert api.delete(f"{url}{body['id']}/").status_code == 204
    assert files() == set()


def test_a_refused_change_keeps_the_old_file_and_leaves_no_new_one(api, url, staff):
    first = create(api, url).json()
    create(api, url, slug="cups")
    before = files()
    body = {"image": make_upload("WEBP"), "slug": "cups"}
    address = f"{url}{first['id']}/"
    assert api.patch(address, body, format="multipart").json()["details"]["slug"]
    assert api.patch(f"{url}999999/", body, format="multipart").status_code == 404
    assert create(api, url, slug="cups").status_code == 400
    assert files() == before
    assert api.get(address).json() == first


def test_a_text_is_no_picture_and_others_send_none(api, url, staff):
    assert api.post(url, {"name": "X", "title": "X", "image": "a.png"}).status_code == 400
    for user, code in [(None, 401), (make_user(), 403)]:
        api.force_authenticate(user)
        assert create(api, url).status_code == code
    assert files() == set()


def test_staff_replace_and_take_a_picture_in_the_admin(client, api, staff, url):
    made = create(api, url).json()
    kind = {"categories": "category", "collections": "collection"}[url.split("/")[3]]
    address = reverse(f"admin:catalog_{kind}_change", args=[made["id"]])
    client.force_login(staff)
    body = {"name": "Mugs", "title": "Mugs", "slug": "mugs", "position": 0, "is_active": "on"}
    assert client.post(address, body | {"image": make_upload("WEBP")}).status_code == 302
    (replaced,) = files()
    assert replaced.endswith(".webp")
    assert client.post(address, body | {"description": "Round."}).status_code == 302
    assert files() == {replaced}
    broken = SimpleUploadedFile("a.png", b"no picture")
    assert client.post(address, body | {"image": broken}).status_code == 200
    assert files() == {replaced}
    assert client.post(address, body | {"image-clear": "on"}).status_code == 302
    assert files() == set()
