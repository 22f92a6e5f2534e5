"""What a phone's camera sees of a label: a picture at so many pixels a millimetre, turned, tilted, bent, blurred or scratched."""

from __future__ import annotations

import io
from collections.abc import Callable
from math import asin, cos, radians, sin

import numpy as np
import pypdfium2 as pdfium
import resvg_py
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from pyzbar import pyzbar

from tenants.artwork.drawing import Drawing
from tenants.artwork.svg import as_proof
from tenants.rules.label_layouts import PHONE_PX_PER_MM

FINE = 24.0  # px/mm of the picture that is photographed
SURROUNDINGS = 118  # grey
Look = Callable[[Image.Image], Image.Image]


def picture(drawing: Drawing, px_per_mm: float = FINE) -> Image.Image:
    """The label as it is made."""
    return rendered(as_proof(drawing), drawing.layout.width * px_per_mm)


def rendered(svg: str, width: float) -> Image.Image:
    """An SVG as a grey picture."""
    data = resvg_py.svg_to_bytes(
        svg_string=svg, dpi=96, width=round(width), background="#767676", skip_system_fonts=True
    )
    return Image.open(io.BytesIO(bytes(data))).convert("L")


def pages(pdf: bytes, px_per_mm: float) -> list[Image.Image]:
    """A PDF's pages as grey pictures."""
    document = pdfium.PdfDocument(pdf)
    return [page.render(scale=px_per_mm * 25.4 / 72).to_pil().convert("L") for page in document]


def straight(image: Image.Image) -> Image.Image:
    return image


def turned(degrees: float) -> Look:
    return lambda image: image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=SURROUNDINGS)


def tilted(degrees: float) -> Look:
    """Seen from the side: the far edge is smaller."""

    def look(image: Image.Image) -> Image.Image:
        w, h = image.size
        across, far = cos(radians(degrees)), 1 / (1 + 0.4 * sin(radians(degrees)))
        corners = [(0, 0), (w * across, h * (1 - far) / 2), (w * across, h * (1 + far) / 2), (0, h)]
        found = _perspective(corners, [(0, 0), (w, 0), (w, h), (0, h)])
        return image.transform(
            (int(w * across), h),
            Image.Transform.PERSPECTIVE,
            found,
            Image.Resampling.BICUBIC,
            fillcolor=SURROUNDINGS,
        )

    return look


def bent(radius_mm: float, centre: float) -> Look:
    """Round a cylinder with an upright axis, the camera in front of the point `centre` (0 left to 1 right); the back is not seen."""

    def look(image: Image.Image) -> Image.Image:
        pixels = np.asarray(image)
        w = pixels.shape[1]
        radius = radius_mm * FINE
        reach = int(radius * 0.95)
        flat = [asin(x / radius) * radius + centre * w for x in range(-reach, reach)]
        seen = np.full((pixels.shape[0], len(flat)), SURROUNDINGS, dtype=np.uint8)
        for place, x in enumerate(flat):
            if 0 <= x < w - 1:
                seen[:, place] = pixels[:, int(x)]
        return Image.fromarray(seen)

    return look


def scratched(count: int, seed: int, wide_mm: float) -> Look:
    """Bright and dark scratches right across."""

    def look(image: Image.Image) -> Image.Image:
        rng, copy = np.random.default_rng(seed), image.copy()
        pen, (w, h) = ImageDraw.Draw(copy), copy.size
        for number in range(count):
            y, dy = rng.uniform(0, h), rng.uniform(-h, h) / 2
            pen.line((0, y, w, y + dy), fill=235 if number % 2 else 40, width=max(1, round(wide_mm * FINE)))
        return copy

    return look


def worn(side_mm: float, seed: int, count: int = 1) -> Look:
    """Paint gone in round spots of this width within the 2-D code's half of the label."""

    def look(image: Image.Image) -> Image.Image:
        rng, copy = np.random.default_rng(seed), image.copy()
        pen, (w, h) = ImageDraw.Draw(copy), copy.size
        radius = side_mm * FINE / 2
        for _ in range(count):
            x, y = rng.uniform(0.3 * w, 0.95 * w), rng.uniform(0.2 * h, 0.8 * h)
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=170)
        return copy

    return look


def photographed(
    image: Image.Image, px_per_mm: float = PHONE_PX_PER_MM, blur_mm: float = 0.0, seed: int = 7
) -> Image.Image:
    """At the phone's resolution, with its noise, uneven light and perhaps a lens that is out of focus by `blur_mm`."""
    margin = round(4 * FINE)
    framed = Image.new("L", (image.width + 2 * margin, image.height + 2 * margin), SURROUNDINGS)
    framed.paste(image, (margin, margin))
    if blur_mm:
        framed = framed.filter(ImageFilter.GaussianBlur(blur_mm * FINE))
    size = round(framed.width * px_per_mm / FINE), round(framed.height * px_per_mm / FINE)
    pixels = np.asarray(framed.resize(size, Image.Resampling.BOX), dtype=float)
    light = np.linspace(1.0, 0.8, pixels.shape[1])[None, :]
    noise = np.random.default_rng(seed).normal(0, 4, pixels.shape)
    return Image.fromarray(np.clip(pixels * light + noise, 0, 255).astype(np.uint8))


def read_by_zxing(image: Image.Image) -> set[tuple[str, str]]:
    """Kind and text of every code that ZXing finds."""
    found = zxingcpp.read_barcodes(np.asarray(image))
    return {
        ("qr" if "qr" in str(code.format).lower().replace(" ", "") else "bar", code.text) for code in found
    }


def read_by_zbar(image: Image.Image) -> set[tuple[str, str]]:
    """Kind and text of every code that ZBar finds."""
    kinds = [pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128]
    return {
        ("qr" if code.type == "QRCODE" else "bar", code.data.decode()) for code in pyzbar.decode(image, kinds)
    }


READERS = {"zxing": read_by_zxing, "zbar": read_by_zbar}


def _perspective(seen: list[tuple[float, float]], flat: list[tuple[float, float]]) -> list[float]:
    """The eight numbers that take a seen point to the flat picture's."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(values))]
