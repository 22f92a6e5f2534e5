"""Files for the browser, all from our own origin: `/static/<name>`, and `/static/vendor/<name>` from installed packages by a list.

An address made by `asset()` carries the file's hash and may be kept for a year. Text is sent compressed where the browser takes it.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, make_response, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from tenants.permissions import Permission, needs

HERE = Path(__file__).parent / "static"
PACKAGES = Path(__file__).parent.parent / "node_modules"
VENDOR = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".png": "image/png", ".webmanifest": "application/manifest+json"}  # fmt: skip
SQUEEZABLE = frozenset({".css", ".js", ".svg", ".webmanifest"})


@needs(Permission.OPEN)
def static(filename: str) -> Response:
    """One file; 404 for anything outside the folder or the list."""
    path = _path_of(filename)
    if path is None:
        raise NotFound
    body, squeezed, tag = _content(str(path), path.stat().st_mtime_ns)
    use_gzip = squeezed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(squeezed if use_gzip and squeezed is not None else body)
    response.headers["Content-Type"] = TYPES[path.suffix]
    if use_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    forever = request.args.get("v") == tag
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if forever else "public, max-age=300"
    )
    response.set_etag(f"{tag}-gz" if use_gzip else tag)
    return response.make_conditional(request)


def _path_of(filename: str) -> Path | None:
    if filename.startswith("vendor/"):
        package_file = VENDOR.get(filename.removeprefix("vendor/"))
        path = PACKAGES / package_file if package_file else None
    else:
        joined = safe_join(str(HERE), filename)
        path = Path(joined) if joined else None
    return path if path is not None and path.suffix in TYPES and path.is_file() else None


@cache
def _content(path: str, changed: int) -> tuple[bytes, bytes | None, str]:
    del changed  # part of the key: another content when the file changed
    body = Path(path).read_bytes()
    squeezed = gzip.compress(body, 9, mtime=0) if Path(path).suffix in SQUEEZABLE else None
    return body, squeezed, sha256(body).hexdigest()[:16]


def asset(filename: str) -> str:
    """The address of a file, with its hash."""
    path = _path_of(filename)
    if path is None:
        raise FileNotFoundError(filename)
    return url_for("static", filename=filename, v=_content(str(path), path.stat().st_mtime_ns)[2])


@cache
def _outlines() -> dict[str, list[tuple[str, dict[str, str]]]]:
    found: dict[str, list[tuple[str, dict[str, str]]]] = json.loads(
        (PACKAGES / "@tabler/icons/tabler-nodes-outline.json").read_text()
    )
    return found


_ATTRIBUTE = re.compile(r"[a-z-]+")


@cache
def icon(name: str, label: str = "") -> Markup:
    """An outline icon inside the page; without a label it is hidden from readers."""
    shapes = Markup("").join(
        Markup("<{}{}/>").format(tag, Markup("").join(
            Markup(' {}="{}"').format(key, value) for key, value in attributes.items() if _ATTRIBUTE.fullmatch(key)
        ))
        for tag, attributes in _outlines()[name]
    )  # fmt: skip
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>'
    ).format(spoken, shapes)


def set_up(app: Flask) -> None:
    """Files at /static, and `asset()` and `icon()` in every template."""
    app.add_url_rule("/static/<path:filename>", "static", static)
    app.jinja_env.globals.update(asset=asset, icon=icon)
