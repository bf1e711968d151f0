import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.services.images import add_image, make_thumbnail
from config.orphans import delete_orphaned_files
from tests.catalog.factories import make_category, make_product, make_upload

pytestmark = pytest.mark.django_db
TWO_DAYS = 2 * 24 * 3600


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def store(name):
    return default_storage.save(name, ContentFile(b"a picture"))


def make_old(media):
    for path in media.rglob("*.*"):
        os.utime(path, (time.time() - TWO_DAYS,) * 2)


def files(media):
    return sorted(str(path.relative_to(media)) for path in media.rglob("*.*"))


def test_nothing_uploaded_is_nothing_to_delete():
    assert delete_orphaned_files() == 0


def test_files_that_no_row_names_go_and_those_of_rows_stay(media):
    image = add_image(product_id=make_product().pk, upload=make_upload(), fields={})
    make_thumbnail(image_id=image.pk)
    category = make_category()
    category.image.save("mugs.png", make_upload())
    kept = files(media)
    assert len(kept) == 3
    store("products/2026/01/lost.png"), store("thumbnails/lost.webp"), store("categories/lost.png")
    make_old(media)
    assert delete_orphaned_files() == 3
    assert files(media) == kept
    assert delete_orphaned_files() == 0


def test_a_young_file_may_still_get_its_row(media):
    store("products/2026/01/young.png")
    assert delete_orphaned_files() == 0
    assert files(media) == ["products/2026/01/young.png"]


def test_other_files_are_nobody_elses_business(media):
    store("exports/report.csv")
    make_old(media)
    assert delete_orphaned_files() == 0
    assert files(media) == ["exports/report.csv"]
