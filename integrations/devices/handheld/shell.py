"""Every file of the app, read once at start, with the hash of its content: what the service worker keeps for offline use."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from integrations.devices.handheld.words import tables

HERE = Path(__file__).parent / "static"
ROOT = "/handheld/"
FILES = ROOT + "files/"
VENDOR = {
    "vendor/zxing/reader/index.js": "zxing-wasm/dist/es/reader/index.js",
    "vendor/zxing/share.js": "zxing-wasm/dist/es/share.js",
    "vendor/zxing/zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
    "vendor/ed25519.js": "@noble/ed25519/index.js",
}
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".wasm": "application/wasm",
}
WORKER = (
    "sw.js"  # is never kept: the browser asks for it by itself to find out whether there is a new version
)


@dataclass(frozen=True, slots=True)
class File:
    """One file as it goes over the wire."""

    body: bytes
    squeezed: bytes
    type: str
    hash: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The app's files by name and the version that all of them make together."""

    files: Mapping[str, File]
    version: str

    def listed(self) -> list[tuple[str, str]]:
        """Address and hash of everything that is kept for offline use; the page itself stands at the app's root."""
        return [(address(name), file.hash) for name, file in self.files.items() if name != WORKER]

    def size(self) -> tuple[int, int]:
        """Bytes of all files, as they are and as they go over the wire."""
        return (
            sum(len(file.body) for file in self.files.values()),
            sum(len(file.squeezed) for file in self.files.values()),
        )


def address(name: str) -> str:
    """Where a file is asked for; the page is the app's root."""
    return ROOT if name == "" else FILES + name


def read_shell(page: str, tokens: Path, packages: Path) -> Shell:
    """The app from its folder, the installed packages, the portal's colours, and the page; FileNotFoundError if one is missing."""
    found = {"": _file(page.encode(), "text/html; charset=utf-8")}
    for name, path in _paths(tokens, packages):
        found[name] = _file(path.read_bytes(), TYPES[path.suffix])
    found["tables.json"] = _file(json.dumps(tables(), ensure_ascii=False).encode(), TYPES[".json"])
    parts = "\n".join(f"{name} {file.hash}" for name, file in sorted(found.items()))
    return Shell(found, sha256(parts.encode()).hexdigest()[:16])


def _paths(tokens: Path, packages: Path) -> Iterator[tuple[str, Path]]:
    yield "tokens.css", tokens
    for path in sorted(HERE.rglob("*")):
        if path.suffix in TYPES:
            yield path.relative_to(HERE).as_posix(), path
    for name, package_file in VENDOR.items():
        yield name, packages / package_file


def _file(body: bytes, kind: str) -> File:
    return File(body, gzip.compress(body, 9, mtime=0), kind, sha256(body).hexdigest())
