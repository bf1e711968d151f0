"""Thumbnails that fail: each picture gets its turn, and one that cannot be read is given up."""

import logging
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import ProductImage
from catalog.services import images
from catalog.services.images import (
    THUMBNAIL_TRIES,
    add_image,
    make_pending_thumbnails,
    make_thumbnail,
    update_image,
)

from .factories import make_product, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    return make_product()


def add(product):
    return add_image(product_id=product.pk, upload=make_upload(), fields={})


def add_broken(product):
    """A picture whose file is damaged after it was judged."""
    image = add(product)
    default_storage.delete(image.file.name)
    default_storage.save(image.file.name, ContentFile(b"no picture"))
    return image


def state(image):
    image.refresh_from_db()
    return bool(image.thumbnail), image.thumbnail_attempts, image.thumbnail_due_at is not None


def make_due(image):
    ProductImage.objects.filter(pk=image.pk).update(
        thumbnail_due_at=timezone.now() - timedelta(seconds=1)
    )


def test_the_sweep_goes_on_after_a_lost_and_a_damaged_file(product):
    lost, damaged, kept = add(product), add_broken(product), add(product)
    default_storage.delete(lost.file.name)
    make_pending_thumbnails()
    assert [state(image) for image in (lost, damaged, kept)] == [
        (False, 1, True),
        (False, 1, True),
        (True, 1, False),
    ]


def test_pictures_that_fail_do_not_keep_later_ones_waiting(product, monkeypatch):
    monkeypatch.setattr(images, "_BATCH", 2)
    broken = [add_broken(product) for _ in range(2)]
    kept = add(product)
    make_pending_thumbnails()
    assert state(kept) == (False, 0, True)
    make_pending_thumbnails()
    assert state(kept) == (True, 1, False)
    assert [state(image) for image in broken] == [(False, 1, True)] * 2


def test_each_failure_waits_twice_as_long_as_the_one_before(product):
    image, pauses = add_broken(product), []
    for _ in range(4):
        make_due(image)
        before = timezone.now()
        make_thumbnail(image_id=image.pk)
        image.refresh_from_db()
        pauses.append(round((image.thumbnail_due_at - before).total_seconds() / 60))
    assert pauses == [1, 2, 4, 8]
    make_thumbnail(image_id=image.pk)
    assert state(image) == (False, 4, True)


def test_a_picture_that_fails_for_ever_is_given_up_loudly_and_left_alone(product, caplog):
    image = add_broken(product)
    for _ in range(THUMBNAIL_TRIES):
        make_due(image)
        make_pending_thumbnails()
    assert state(image) == (False, THUMBNAIL_TRIES, False)
    errors = [row for row in caplog.records if row.levelno == logging.ERROR]
    assert [row.getMessage() for row in errors] == [
        f"Picture {image.pk} of product {product.pk} gets no thumbnail: "
        "given up after 10 tries. Upload it anew."
    ]
    assert errors[0].exc_info
    make_pending_thumbnails()
    make_thumbnail(image_id=image.pk)
    assert state(image) == (False, THUMBNAIL_TRIES, False)


def test_a_new_file_is_tried_anew(product):
    image = add_broken(product)
    for _ in range(THUMBNAIL_TRIES):
        make_due(image)
        make_thumbnail(image_id=image.pk)
    update_image(image_id=image.pk, upload=make_upload("WEBP"), fields={})
    assert state(image) == (False, 0, True)
    make_pending_thumbnails()
    assert state(image) == (True, 1, False)


def test_a_try_that_kills_its_worker_counts(product, monkeypatch):
    image = add(product)

    def die(source):
        raise SystemExit

    monkeypatch.setattr(images, "make_small", die)
    with pytest.raises(SystemExit):
        make_thumbnail(image_id=image.pk)
    assert state(image) == (False, 1, True)
    assert image.thumbnail_due_at > timezone.now()
