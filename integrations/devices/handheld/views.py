"""The app's page, its service worker, its manifest and its files: the same for everybody, and without any data."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, make_response, request
from werkzeug.exceptions import NotFound

from integrations.devices.handheld.shell import FILES, HERE, ROOT, WORKER, File, Shell, address, read_shell
from tenants.permissions import Permission, needs

SHELL = "handheld_shell"
bp = Blueprint("handheld", __name__, url_prefix="/handheld", template_folder="templates")

MANIFEST = {
    "id": ROOT,
    "name": "气瓶充装手持终端 · Cylinder handheld",
    "short_name": "气瓶手持",
    "lang": "zh-CN",
    "start_url": ROOT,
    "scope": ROOT,
    "display": "standalone",
    "orientation": "portrait",
    "background_color": "#13283f",
    "theme_color": "#13283f",
    "icons": [
        {"src": FILES + "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": FILES + "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "maskable"},
    ],
}


@bp.get("/")
@needs(Permission.OPEN)
def page() -> Response:
    """The one page of the app."""
    return _sent(_shell().files[""])


@bp.get("/sw.js")
@needs(Permission.OPEN)
def worker() -> Response:
    """The service worker with the list of what it keeps; another list is another worker, and so an update."""
    shell = _shell()
    head = f"const VERSION = {json.dumps(shell.version)};\nconst KEPT = {json.dumps(shell.listed())};\n"
    response = make_response(head.encode() + shell.files[WORKER].body)
    response.headers["Content-Type"] = shell.files[WORKER].type
    response.headers["Service-Worker-Allowed"] = ROOT
    return _finished(response, "no-cache")


@bp.get("/manifest.webmanifest")
@needs(Permission.OPEN)
def manifest() -> Response:
    """What makes it installable."""
    response = make_response(json.dumps(MANIFEST, ensure_ascii=False))
    response.headers["Content-Type"] = "application/manifest+json"
    return _finished(response, "no-cache")


@bp.get("/files/<path:filename>")
@needs(Permission.OPEN)
def file(filename: str) -> Response:
    """One file of the app; 404 for anything that isn't on the list."""
    found = _shell().files.get(filename)
    if found is None or filename in ("", WORKER):
        raise NotFound
    return _sent(found)


def _sent(found: File) -> Response:
    use_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(found.squeezed if use_gzip else found.body)
    response.headers["Content-Type"] = found.type
    if use_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{found.hash[:32]}-gz" if use_gzip else found.hash[:32])
    return _finished(response, "no-cache").make_conditional(request)


def _finished(response: Response, cache: str) -> Response:
    response.headers["Cache-Control"] = cache
    response.headers.update(current_app.config["HANDHELD_HEADERS"])
    return response


def _shell() -> Shell:
    found: Shell = current_app.extensions[SHELL]
    return found


def set_up(app: Flask, *, tokens: Path, packages: Path, policy: str) -> None:
    """The app at /handheld/, with the portal's colours, the installed packages, and its policy opened for WebAssembly and the camera."""
    app.config["HANDHELD_HEADERS"] = {
        "Content-Security-Policy": policy.replace(
            "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
        ),
        "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    }
    app.register_blueprint(bp)
    template = app.jinja_env.get_template("handheld/page.html")
    body = template.render(files=FILES, styles=("tokens.css", "handheld.css"), root=ROOT)
    app.extensions[SHELL] = read_shell(body, tokens, packages)


__all__ = ["HERE", "address", "bp", "set_up"]
