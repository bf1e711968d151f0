"""Uploaded files that no row names: left by a process that died between file and row."""

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.core.files.storage import Storage, default_storage
from django.db.models import FileField
from django.utils import timezone

from .importing import batched

_BATCH = 500
# A younger file may belong to a transaction that is still under way.
LEAST_AGE = timedelta(days=1)


def delete_orphaned_files() -> int:
    """Delete the files below the folders of uploads that no row names; return how many."""
    folders = {field.upload_to.partition("/")[0] for field in _file_fields()}
    deleted = 0
    for folder in sorted(folders):
        for names in batched(_files_below(default_storage, folder), _BATCH):
            deleted += sum(_delete_if_old(name) for name in set(names) - _known(names))
    return deleted


def _file_fields() -> list[FileField]:
    models = apps.get_models()
    return [f for model in models for f in model._meta.local_fields if isinstance(f, FileField)]


def _files_below(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever uploaded there
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files_below(storage, f"{folder}/{name}")


def _known(names: list[str]) -> set[str]:
    """Return those of the names that rows hold."""
    known: set[str] = set()
    for field in _file_fields():
        rows = field.model._base_manager.filter(**{f"{field.name}__in": names})
        known.update(rows.values_list(field.name, flat=True))
    return known


def _delete_if_old(name: str) -> bool:
    try:
        is_old = default_storage.get_modified_time(name) < timezone.now() - LEAST_AGE
    except FileNotFoundError:  # deleted meanwhile
        return False
    if is_old:
        default_storage.delete(name)
    return is_old
