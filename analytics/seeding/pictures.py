"""Draws the pictures of the demonstration catalogue: one shape an aisle, in a few colours."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

SIDE = 480
THUMBNAIL_SIDE = 240

# Background, shape, accent.
_PALETTES = (
    ("#f4ede4", "#b5533c", "#e9c46a"),
    ("#e8f0ee", "#2a6f6b", "#f2a65a"),
    ("#eceaf6", "#3d3b8e", "#ef8354"),
    ("#f6e9ec", "#a4243b", "#d8c99b"),
    ("#edf2e6", "#4f772d", "#ecf39e"),
)
Draw = ImageDraw.ImageDraw
Drawing = Callable[[Draw, str, str], None]


def save_picture(shape: str, number: int, name: str) -> tuple[str, str]:
    """Store the picture of a product and its thumbnail; return the names of both files.

    Products share drawings, never files: who deletes a picture deletes its file.
    """
    picture, thumbnail = _draw(shape, number % len(_PALETTES))
    return (
        default_storage.save(f"products/seed/{name}.png", ContentFile(picture)),
        default_storage.save(f"thumbnails/seed/{name}.webp", ContentFile(thumbnail)),
    )


@cache
def _draw(shape: str, palette: int) -> tuple[bytes, bytes]:
    background, main, accent = _PALETTES[palette]
    image = Image.new("RGB", (SIDE, SIDE), background)
    canvas = ImageDraw.Draw(image)
    canvas.ellipse((90, 372, 390, 412), fill=_between(background, main))
    _SHAPES[shape](canvas, main, accent)
    small = image.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return _encode(image, "PNG"), _encode(small, "WEBP")


def _between(one: str, other: str) -> tuple[int, ...]:
    """Mix a little of another colour into one: the shadow under the shape."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return tuple((5 * a + b) // 6 for a, b in pairs)


def _encode(image: Image.Image, kind: str) -> bytes:
    written = BytesIO()
    image.save(written, kind)
    return written.getvalue()


def _pot(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((120, 200, 360, 390), 40, fill=main)
    canvas.rounded_rectangle((70, 230, 410, 262), 16, fill=main)
    canvas.rounded_rectangle((105, 168, 375, 204), 16, fill=accent)
    canvas.ellipse((218, 132, 262, 172), fill=accent)


def _cup(canvas: Draw, main: str, accent: str) -> None:
    canvas.arc((276, 190, 410, 320), 250, 110, fill=main, width=26)
    canvas.rounded_rectangle((120, 150, 330, 390), 46, fill=main)
    canvas.rectangle((120, 230, 330, 262), fill=accent)


def _pillow(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((80, 250, 400, 390), 50, fill=main)
    canvas.rounded_rectangle((110, 150, 370, 280), 50, fill=accent)
    canvas.line((130, 320, 350, 320), fill=accent, width=8)


def _headphones(canvas: Draw, main: str, accent: str) -> None:
    canvas.arc((100, 100, 380, 400), 180, 360, fill=main, width=30)
    for left in (84, 330):
        canvas.rounded_rectangle((left, 240, left + 66, 380), 30, fill=main)
        canvas.rounded_rectangle((left + 18, 262, left + 48, 358), 14, fill=accent)


def _phone(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((160, 80, 320, 400), 30, fill=main)
    canvas.rounded_rectangle((176, 104, 304, 360), 12, fill=accent)
    canvas.ellipse((228, 368, 252, 392), fill=accent)


def _drive(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((110, 140, 370, 380), 34, fill=main)
    canvas.ellipse((160, 170, 320, 330), outline=accent, width=14)
    canvas.rectangle((220, 378, 260, 404), fill=accent)


def _shirt(canvas: Draw, main: str, accent: str) -> None:
    for side in ((60, 180, 110, 250), (420, 180, 370, 250)):  # the sleeves
        canvas.polygon([(240, 180), side[:2], side[2:], (240, 220)], fill=main)
    canvas.polygon([(170, 100), (310, 100), (420, 180), (60, 180)], fill=main)
    canvas.rectangle((150, 150, 330, 395), fill=main)
    canvas.polygon([(200, 100), (280, 100), (240, 160)], fill=accent)
    for top in (200, 250, 300, 350):
        canvas.ellipse((234, top, 246, top + 12), fill=accent)


def _shoe(canvas: Draw, main: str, accent: str) -> None:
    canvas.polygon(
        [(80, 200), (190, 190), (250, 270), (390, 310), (405, 360), (80, 360)], fill=main
    )
    canvas.rounded_rectangle((70, 352, 412, 394), 18, fill=accent)
    for left in (205, 235, 265):
        canvas.line((left, 235, left + 30, 215), fill=accent, width=8)


def _bag(canvas: Draw, main: str, accent: str) -> None:
    canvas.arc((170, 90, 310, 250), 180, 360, fill=main, width=22)
    canvas.rounded_rectangle((110, 170, 370, 395), 44, fill=main)
    canvas.rounded_rectangle((150, 280, 330, 370), 22, fill=accent)


def _bottle(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((205, 85, 275, 160), 12, fill=accent)
    canvas.rounded_rectangle((160, 150, 320, 398), 40, fill=main)
    canvas.rectangle((160, 230, 320, 330), fill=accent)


def _dumbbell(canvas: Draw, main: str, accent: str) -> None:
    canvas.rectangle((130, 256, 350, 284), fill=accent)
    for left, top in ((80, 200), (120, 170), (318, 170), (358, 200)):
        canvas.rounded_rectangle((left, top, left + 42, 540 - top), 12, fill=main)


def _tent(canvas: Draw, main: str, accent: str) -> None:
    canvas.polygon([(240, 110), (420, 390), (60, 390)], fill=main)
    canvas.polygon([(240, 190), (310, 390), (170, 390)], fill=accent)


def _book(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((130, 100, 350, 392), 18, fill=main)
    canvas.rectangle((130, 100, 166, 392), fill=accent)
    canvas.rounded_rectangle((200, 160, 320, 220), 8, fill=accent)


def _blocks(canvas: Draw, main: str, accent: str) -> None:
    canvas.rounded_rectangle((90, 260, 230, 395), 14, fill=main)
    canvas.rounded_rectangle((250, 260, 390, 395), 14, fill=accent)
    canvas.polygon([(240, 110), (320, 250), (160, 250)], fill=main)


def _leaf(canvas: Draw, main: str, accent: str) -> None:
    canvas.pieslice((60, 100, 420, 460), 205, 335, fill=main)
    canvas.pieslice((60, -40, 420, 320), 25, 155, fill=main)
    canvas.line((100, 206, 380, 206), fill=accent, width=8)
    canvas.line((240, 206, 240, 390), fill=accent, width=10)


_SHAPES: dict[str, Drawing] = {
    "pot": _pot,
    "cup": _cup,
    "pillow": _pillow,
    "headphones": _headphones,
    "phone": _phone,
    "drive": _drive,
    "shirt": _shirt,
    "shoe": _shoe,
    "bag": _bag,
    "bottle": _bottle,
    "dumbbell": _dumbbell,
    "tent": _tent,
    "book": _book,
    "blocks": _blocks,
    "leaf": _leaf,
}
