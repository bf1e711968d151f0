"""Uploaded files in a bucket of S3 or its like; the library reads AWS_… from the settings."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """Files that everybody may read and that never change, since their names are random."""

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {
            "querystring_auth": False,
            "file_overwrite": False,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
            "client_config": Config(
                connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3}
            ),
        }
