"""Pictures in a bucket: the library's own client against a stand-in of S3 in this process."""

import boto3
import pytest
from django.core.files.storage import default_storage
from moto import mock_aws

from catalog.models import ProductImage
from catalog.services.images import add_image, delete_image, make_thumbnail, update_image
from config.orphans import delete_orphaned_files
from tests.catalog.factories import make_product, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(settings, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    settings.AWS_STORAGE_BUCKET_NAME = "pictures"
    settings.AWS_S3_REGION_NAME = "ap-south-1"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "config.bucket.BucketStorage"}}
    with mock_aws():
        place = {"LocationConstraint": "ap-south-1"}
        client = boto3.client("s3", region_name="ap-south-1")
        client.create_bucket(Bucket="pictures", CreateBucketConfiguration=place)
        yield client


def keys(client):
    return sorted(row["Key"] for row in client.list_objects(Bucket="pictures").get("Contents", []))


def names():
    return sorted(ProductImage.objects.values_list("file", flat=True))


@pytest.fixture
def image(bucket):
    return add_image(product_id=make_product().pk, upload=make_upload(), fields={})


def test_a_picture_is_stored_for_everybody_and_for_a_year(api, bucket, image):
    assert keys(bucket) == names()
    head = bucket.head_object(Bucket="pictures", Key=image.file.name)
    assert head["CacheControl"] == "public, max-age=31536000, immutable"
    assert head["ContentType"] == "image/png"
    shown = api.get(f"/api/v1/products/{image.product_id}/images/").json()["results"][0]["url"]
    assert shown == f"https://pictures.s3.amazonaws.com/{image.file.name}"


def test_a_thumbnail_is_made_from_and_into_the_bucket(bucket, image):
    make_thumbnail(image_id=image.pk)
    image.refresh_from_db()
    assert keys(bucket) == sorted([image.file.name, image.thumbnail.name])
    with default_storage.open(image.thumbnail.name) as small:
        assert small.read()[8:12] == b"WEBP"


def test_replaced_and_deleted_pictures_leave_nothing(
    bucket, image, django_capture_on_commit_callbacks
):
    make_thumbnail(image_id=image.pk)
    with django_capture_on_commit_callbacks(execute=True):
        update_image(image_id=image.pk, upload=make_upload("WEBP"), fields={})
    assert keys(bucket) == names()
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(image_id=image.pk)
    assert keys(bucket) == []


def test_the_sweep_reads_the_bucket_and_leaves_young_files(bucket, image):
    bucket.put_object(Bucket="pictures", Key="products/2026/01/lost.png", Body=b"a picture")
    assert delete_orphaned_files() == 0
    assert len(keys(bucket)) == 2
