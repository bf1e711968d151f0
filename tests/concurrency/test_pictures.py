"""Pictures that are replaced, deleted and made small at once leave no file behind."""

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection

from catalog.models import Category, Product, ProductImage
from catalog.services.categories import update_category
from catalog.services.images import add_image, delete_image, make_thumbnail, update_image
from config.errors import DomainError
from tests.catalog.factories import make_category, make_product, make_upload

from .races import Meeting, meet_at, run_together, take_lock_away

pytestmark = pytest.mark.django_db(transaction=True)


def files(folder=""):
    """All files below a folder of the media."""
    if not default_storage.exists(folder):
        return set()
    folders, names = default_storage.listdir(folder)
    found = {f"{folder}{name}" for name in names}
    return found.union(*(files(f"{folder}{name}/") for name in folders))


@pytest.fixture
def left_behind():
    """What tells the files that have come since and that no row names."""
    before = files()

    def tell():
        rows = ProductImage.objects.values_list("file", "thumbnail")
        named = {name for row in rows for name in row}
        named.update(Category.objects.values_list("image", flat=True))
        return files() - before - named

    return tell


def replace(image):
    return lambda: update_image(image_id=image.pk, upload=make_upload("WEBP"), fields={})


def refused(job):
    def run():
        try:
            return job()
        except DomainError as refusal:
            return refusal

    return run


def replace_twice_at_once(deferred=False):
    """Both know the picture before either has replaced it, if locks let them."""
    image = add_image(product_id=make_product().pk, upload=make_upload(), fields={})
    meeting = Meeting("catalog_productimage")
    meeting.start = 'FROM "catalog_productimage" WHERE ("catalog_productimage"."product_id"'
    return run_together(*[meeting.attend(replace(image)) for _ in range(2)], deferred=deferred)


def test_of_two_replacements_at_once_one_file_stays(left_behind):
    results = replace_twice_at_once()
    assert [type(result) for result in results] == [ProductImage] * 2
    assert left_behind() == set()
    assert default_storage.exists(ProductImage.objects.get().file.name)


def test_control_without_the_lock_of_the_product_a_file_is_left(left_behind, monkeypatch):
    take_lock_away(monkeypatch, Product)
    results = replace_twice_at_once(deferred=True)
    if connection.vendor == "sqlite":  # its snapshots let the second writer fail instead
        assert [type(result) for result in results].count(OperationalError) == 1
        assert left_behind() == set()
    else:
        assert len(left_behind()) == 1


def replace_of_a_category_twice_at_once(deferred=False):
    category = make_category()
    job = lambda: update_category(category_id=category.pk, fields={"image": make_upload()})  # noqa: E731
    job()
    return meet_at("catalog_category", job, job, deferred=deferred)


def test_of_two_pictures_of_a_category_at_once_one_stays(left_behind):
    results = replace_of_a_category_twice_at_once()
    assert [type(result) for result in results] == [Category] * 2
    assert left_behind() == set()
    assert default_storage.exists(Category.objects.get().image.name)


def test_control_without_the_lock_of_the_category_a_file_is_left(left_behind, monkeypatch):
    take_lock_away(monkeypatch, Category)
    results = replace_of_a_category_twice_at_once(deferred=True)
    if connection.vendor == "sqlite":
        assert [type(result) for result in results].count(OperationalError) == 1
        assert left_behind() == set()
    else:
        assert len(left_behind()) == 1


def test_a_thumbnail_made_while_its_picture_goes_or_changes_is_none_of_the_old_one(left_behind):
    for end in (replace, lambda image: lambda: delete_image(image_id=image.pk)) * 3:
        image = add_image(product_id=make_product().pk, upload=make_upload(), fields={})
        work = lambda image=image: make_thumbnail(image_id=image.pk)  # noqa: E731
        answers = run_together(work, end(image), work)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert left_behind() == set()


def test_a_picture_is_replaced_or_deleted_by_many_and_none_of_its_files_stays(left_behind):
    image = add_image(product_id=make_product().pk, upload=make_upload(), fields={})
    jobs = [replace(image)] * 3 + [lambda: delete_image(image_id=image.pk)] * 2
    answers = run_together(*map(refused, jobs))
    assert not [answer for answer in answers if isinstance(answer, OperationalError)]
    assert not ProductImage.objects.exists()
    assert left_behind() == set()
