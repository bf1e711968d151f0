from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve
from PIL import Image

from catalog.models import ProductImage
from catalog.services.images import make_pending_thumbnails
from catalog.services.pictures import clean_picture, make_small
from catalog.tasks import make_thumbnail
from config.errors import InvalidInput
from tests.accounts.factories import make_staff, make_user

from .factories import make_product, make_seller, make_upload, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    return make_variant(product=make_product(seller=make_seller())).product


@pytest.fixture
def url(product):
    return f"/api/v1/products/{product.pk}/images/"


@pytest.fixture
def seller(api, product):
    api.force_authenticate(product.seller.user)


def upload(api, url, picture=None, **fields):
    body = {"image": picture or make_upload()} | fields
    return api.post(url, body, format="multipart")


def stored(url):
    return default_storage.path(url.removeprefix("http://testserver/media/"))


def test_the_first_picture_is_primary_and_named_at_random(api, url, seller, product):
    response = upload(api, url, make_upload(name="../../etc/passwd.exe"), alt_text="A mug")
    assert response.status_code == 201
    body = response.json()
    assert (body["alt_text"], body["is_primary"], body["position"]) == ("A mug", True, 0)
    assert body["thumbnail"] is None
    assert body["url"].startswith("http://testserver/media/products/")
    assert body["url"].endswith(".png")
    assert "passwd" not in body["url"]
    assert api.get(response["Location"]).json() == body
    detail = api.get(f"/api/v1/products/{product.pk}/").json()
    assert (detail["images"], detail["thumbnail"]) == ([body], body["url"])


def test_a_picture_is_served_with_nosniff_and_caching(api, url, seller, client):
    address = upload(api, url).json()["url"]
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    assert Image.open(BytesIO(b"".join(response.streaming_content))).size == (40, 30)


@pytest.mark.parametrize("path", ["../test.sqlite3", "..%2ftest.sqlite3", "/etc/passwd", "", "x"])
def test_nothing_outside_the_media_is_served(client, path):
    assert client.get(f"/media/{path}").status_code == 404
    assert resolve("/media/x").func.__name__ == "media"


@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_the_content_decides_the_kind(api, url, seller, kind, ending):
    assert upload(api, url, make_upload(kind, name="x.gif")).json()["url"].endswith(ending)


@pytest.mark.parametrize(
    "picture",
    [
        SimpleUploadedFile("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        SimpleUploadedFile("a.png", b""),
        SimpleUploadedFile("a.jpg", make_upload("JPEG").read()[:100]),
        make_upload("GIF", name="a.png"),
        make_upload("BMP", name="a.png"),
        make_upload("PNG", size=(8001, 5000), mode="L"),
        make_upload("PNG", size=(20_000, 10_000), mode="1"),
    ],
)
def test_anything_but_a_picture_that_fits_is_refused(api, url, seller, picture):
    response = upload(api, url, picture)
    assert response.status_code == 400
    assert list(response.json()["details"]) == ["image"]
    assert not ProductImage.objects.exists()


@pytest.mark.parametrize(("extra", "code"), [(0, 201), (1, 400), (400_000, 400)])
def test_a_picture_has_at_most_512_000_bytes(api, url, seller, extra, code):
    content = make_upload("JPEG").read()
    padded = content + b"\0" * (512_000 - len(content) + extra)
    assert upload(api, url, SimpleUploadedFile("a.jpg", padded)).status_code == code


def test_a_picture_is_turned_upright_and_loses_its_metadata():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "taken at home"
    sent = make_upload("JPEG", exif=exif, comment=b"taken at home", icc_profile=b"profile")
    assert b"taken at home" in sent.read()
    clean = clean_picture(sent)
    content = clean.read()
    picture = Image.open(BytesIO(content))
    assert picture.size == (30, 40)
    assert not picture.getexif()
    assert b"taken at home" not in content
    assert "icc_profile" not in picture.info


def test_a_photo_with_more_pictures_behind_it_is_a_jpeg(api, url, seller):
    photo = make_upload(
        "MPO", name="a.jpg", save_all=True, append_images=[Image.new("RGB", (4, 4))]
    )
    shown = upload(api, url, photo).json()
    assert Image.open(stored(shown["url"])).format == "JPEG"


def test_the_small_copy_of_a_picture_of_16_bits_is_as_bright():
    written = BytesIO()
    Image.new("I;16", (4, 4), 0x4000).save(written, "PNG")
    small = Image.open(make_small(written))
    assert small.convert("L").getpixel((0, 0)) == 0x40


def test_a_transparent_picture_stays_transparent():
    written = BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).quantize().save(written, "PNG")
    clean = clean_picture(SimpleUploadedFile("a.png", written.getvalue()))
    assert Image.open(clean).convert("RGBA").getpixel((0, 0))[3] == 0
    with pytest.raises(InvalidInput):
        clean_picture(SimpleUploadedFile("a.png", written.getvalue()[:20]))


def test_one_picture_is_primary(api, url, seller, product):
    first = upload(api, url).json()
    second = upload(api, url, is_primary="true").json()
    assert (second["is_primary"], second["position"]) == (True, 1)
    assert api.get(f"{url}{first['id']}/").json()["is_primary"] is False
    assert api.patch(f"{url}{second['id']}/", {"is_primary": False}).status_code == 400
    put = api.put(f"{url}{second['id']}/", {"image": make_upload()}, format="multipart")
    assert put.json()["is_primary"] is True
    changed = api.patch(f"{url}{first['id']}/", {"is_primary": True, "alt_text": "Front"})
    assert (changed.json()["is_primary"], changed.json()["alt_text"]) == (True, "Front")
    assert api.delete(f"{url}{first['id']}/").status_code == 204
    assert api.get(f"{url}{second['id']}/").json()["is_primary"] is True
    product.refresh_from_db()
    assert product.thumbnail == ProductImage.objects.get().file.name


def test_files_go_with_their_row(api, url, seller, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = upload(api, url).json()
    make_pending_thumbnails()
    image = ProductImage.objects.get()
    old = [stored(first["url"]), image.thumbnail.path]
    with django_capture_on_commit_callbacks(execute=True):
        body = {"image": make_upload("WEBP")}
        second = api.patch(f"{url}{first['id']}/", body, format="multipart").json()
    assert second["url"] != first["url"]
    assert not any(default_storage.exists(path) for path in old)
    with django_capture_on_commit_callbacks(execute=True):
        api.delete(f"{url}{first['id']}/")
    assert not default_storage.exists(stored(second["url"]))


def test_a_refused_picture_leaves_no_file(api, url, seller, product):
    image = upload(api, url).json()
    folder = stored(image["url"]).rpartition("/")[0]
    before = default_storage.listdir(folder)
    body = {"image": make_upload(), "is_primary": False}
    assert api.patch(f"{url}{image['id']}/", body, format="multipart").status_code == 400
    assert default_storage.listdir(folder) == before


def test_a_worker_makes_the_thumbnail(api, url, seller, product):
    image = upload(api, url, make_upload(size=(1200, 600))).json()
    make_thumbnail(str(image["id"]))
    make_thumbnail(str(image["id"]))
    shown = api.get(f"{url}{image['id']}/").json()
    assert shown["thumbnail"].endswith(".webp")
    small = Image.open(stored(shown["thumbnail"]))
    assert (small.format, small.size) == ("WEBP", (400, 200))
    detail = api.get(f"/api/v1/products/{product.pk}/").json()
    assert detail["thumbnail"] == shown["thumbnail"]


def test_a_picture_can_be_chosen_for_a_variant(api, url, seller, product):
    image = upload(api, url).json()
    variant = product.variants.get()
    variant_url = f"/api/v1/products/{product.pk}/variants/{variant.pk}/"
    assert api.patch(variant_url, {"image": image["id"]}).json()["image"] == image["id"]
    api.delete(f"{url}{image['id']}/")
    assert api.get(variant_url).json()["image"] is None


def test_only_the_seller_and_staff_add_pictures(api, url):
    for user, code in [(None, 401), (make_user(), 403), (make_seller().user, 403)]:
        api.force_authenticate(user)
        assert upload(api, url).status_code == code
    assert not ProductImage.objects.exists()
    api.force_authenticate(make_staff())
    assert upload(api, url).status_code == 201
    api.force_authenticate(None)
    assert api.get(url).json()["count"] == 1


def test_products_take_no_multipart(api, seller, product):
    response = api.patch(f"/api/v1/products/{product.pk}/", {"name": "x"}, format="multipart")
    assert response.status_code == 415
