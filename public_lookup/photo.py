"""A citizen's photo, made anew: what it shows is kept, whatever else was in the file (place, device, other data) is not."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

LARGEST = 8 * 1024 * 1024  # bytes, as phones make them
KINDS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = {
    "JPEG": 120_000_000,
    "PNG": 25_000_000,
    "WEBP": 25_000_000,
}  # a JPEG is opened at a smaller size
SIDE, QUALITY = 1600, 80


class Unusable(Exception):
    """The file can't be used; `why` is "too_large" or "not_a_photo"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def made_anew(content: bytes) -> bytes:
    """The photo as a JPEG of at most 1600 px; the kind is told by the content. Raises Unusable."""
    if len(content) > LARGEST:
        raise Unusable("too_large")
    try:
        with Image.open(BytesIO(content), formats=KINDS) as opened:
            if opened.width * opened.height > MOST_PIXELS[opened.format or "PNG"]:
                raise Unusable("too_large")
            opened.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Unusable("not_a_photo") from None
    upright.thumbnail((SIDE, SIDE))
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    kept = BytesIO()
    plain.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
