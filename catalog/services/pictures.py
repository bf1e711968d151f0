"""What a picture file must be, and how it is made safe: judged and written anew by content."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageOps

from config.errors import InvalidInput

from ..models import Category, Collection

MAX_BYTES = 512_000
MAX_PIXELS = 40_000_000
THUMBNAIL_SIDE = 400
_EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
# Phones write JPEG files with more pictures behind the first, which is the one that counts.
_KINDS = {"MPO": "JPEG"}


class _TooManyPixels(Exception):
    pass


def clean_picture(upload: File, *, name: str = "image") -> ContentFile:
    """Return the picture without metadata under a random name, or raise InvalidInput on `name`."""
    if upload.size > MAX_BYTES:
        raise InvalidInput(**{name: "The picture is larger than 500 KB."})
    try:
        picture, kind = _decode(upload)
    except _TooManyPixels:
        raise InvalidInput(**{name: "The picture has more than 40 megapixels."})
    except Exception:  # noqa: BLE001  decoders raise anything on a hostile file
        raise InvalidInput(**{name: "Send a JPEG, PNG or WebP picture."})
    return _encode(picture, kind)


@contextmanager
def stored(picture: ContentFile | None, column: FileField) -> Iterator[str]:
    """Store a picture and give its name, or "" without one; the file goes where the block fails."""
    if picture is None:
        yield ""
        return
    name = default_storage.save(column.generate_filename(None, picture.name), picture)
    try:
        yield name
    except BaseException:
        default_storage.delete(name)
        raise


@contextmanager
def picture_stored(
    model: type[Category] | type[Collection], fields: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Store a new `image` before the transaction that names it; it goes where that fails."""
    image = fields.get("image")
    if not isinstance(image, File) or isinstance(image, FieldFile):  # none, or the present one
        yield fields
        return
    with stored(clean_picture(image), model._meta.get_field("image")) as name:
        yield fields | {"image": name}


def replace_picture(row: Category | Collection, image: str | FieldFile | None) -> None:
    """Set a row's picture; the old file goes after commit."""
    if row.image and row.image != image:
        discard_file(row.image.name)
    row.image = image or ""


def discard_file(name: str) -> None:
    """Delete a stored file once the running transaction is committed."""
    transaction.on_commit(partial(default_storage.delete, name), robust=True)


def make_small(source: File) -> ContentFile:
    """Return a WebP copy of a stored picture that fits into a small square."""
    picture = Image.open(source)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _encode(picture, "WEBP")


def _decode(upload: File) -> tuple[Image.Image, str]:
    upload.seek(0)
    try:
        picture = Image.open(upload, formats=tuple(_EXTENSIONS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _TooManyPixels()
    # The header tells the size: nothing is decoded before it is known to fit into memory.
    if picture.width * picture.height > MAX_PIXELS:
        raise _TooManyPixels()
    kind = _KINDS.get(picture.format or "", picture.format or "")
    picture.load()
    return ImageOps.exif_transpose(picture), kind


def _encode(picture: Image.Image, kind: str) -> ContentFile:
    # Colour profile, EXIF, XMP and comments live in `info`; a palette's transparency is kept.
    picture.info = {k: v for k, v in picture.info.items() if k == "transparency"}
    if kind == "JPEG" and picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    if kind == "WEBP" and picture.mode.startswith("I;16"):  # Pillow would cut it off, to white
        picture = picture.point(lambda grey: grey * (1 / 256)).convert("L")
    if kind == "WEBP" and picture.mode not in ("RGB", "RGBA"):
        has_alpha = "transparency" in picture.info or "A" in picture.mode
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    written = BytesIO()
    options = {} if kind == "PNG" else {"quality": 88}
    picture.save(written, kind, **options)
    return ContentFile(written.getvalue(), name=f"{uuid4().hex}.{_EXTENSIONS[kind]}")
