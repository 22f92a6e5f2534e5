"""What a camera sees: a QR code and a bar code side by side, as the film that Chromium's fake camera plays."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import qrcode
from barcode.codex import Code128
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1280, 720
FRAMES = 4


def film(path: Path, qr: str = "", bars: str = "") -> list[str]:
    """Write the film; returns what Chromium must be started with to play it."""
    frame = Image.new("RGB", (WIDTH, HEIGHT), "#c9c9c9")
    if qr:
        frame.paste(_qr(qr), (80, 160))
    if bars:
        frame.paste(_bars(bars), (560, 260))
    packed = BytesIO()
    frame.save(packed, "JPEG", quality=85)
    path.write_bytes(packed.getvalue() * FRAMES)  # a file of JPEGs one after the other is a film
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]


def _qr(text: str) -> Image.Image:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=10, border=4)
    code.add_data(text)
    image = BytesIO()
    code.make_image().save(image, "PNG")
    return Image.open(image).convert("RGB")


def _bars(text: str) -> Image.Image:
    modules = f"{'0' * 12}{Code128(text).build()[0]}{'0' * 12}"
    image = Image.new("RGB", (4 * len(modules), 200), "white")
    draw = ImageDraw.Draw(image)
    for place, module in enumerate(modules):
        if module == "1":
            draw.rectangle((4 * place, 20, 4 * place + 3, 180), fill="black")
    return image
