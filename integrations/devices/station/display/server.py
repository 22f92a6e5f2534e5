"""A small web server on the loopback address. Other pages in the same browser can neither read it nor press its buttons."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from integrations.devices.station.agent import Press
from integrations.devices.station.seen import Override

FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
MOST = 4096
SHORTEST_REASON = 4  # characters


class Wrong(Exception):
    """What was asked can't be done; the text says why in both languages."""


def press_of(path: str, told: Any) -> Press:
    """The button that was pressed; raises Wrong."""
    told = told if isinstance(told, dict) else {}
    if path in ("/stop", "/reset"):
        return Press(path[1:])
    operator = _text(told.get("operator"), 64)
    if path == "/operator":
        return Press("operator", operator=operator or None)
    if path == "/override":
        reason = _text(told.get("reason"), 500)
        if not operator or len(reason) < SHORTEST_REASON:
            raise Wrong("须填写作业人员编号和理由 · An operator's code and a reason are needed")
        return Press("override", override=Override(operator, reason))
    raise Wrong("没有这个按钮 · There is no such button")


def _text(value: Any, longest: int) -> str:
    found = " ".join(value.split()) if isinstance(value, str) else ""
    if len(found) > longest or not found.isprintable():
        raise Wrong("内容过长或含不可见字符 · Too long, or with characters that can't be seen")
    return found


def serve(
    port: int, status: Callable[[], dict[str, Any]], press: Callable[[Press], None]
) -> ThreadingHTTPServer:
    """A running server; its port is `server_address[1]`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        server_version, sys_version = "station", ""

        def do_GET(self) -> None:
            if not self._is_ours():
                return self._send(403, "text/plain", b"")
            if self.path == "/status.json":
                return self._json(200, status())
            if self.path not in FILES:
                return self._send(404, "text/plain", b"")
            name, kind = FILES[self.path]
            return self._send(200, kind, (Path(__file__).parent / name).read_bytes())

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            size = int(length) if length.isascii() and length.isdigit() else MOST + 1
            if not self._is_ours() or self.headers.get("Content-Type") != "application/json" or size > MOST:
                self.close_connection = True
                return self._send(403, "text/plain", b"")
            try:
                press(press_of(self.path, json.loads(self.rfile.read(size) or b"{}")))
            except (Wrong, ValueError) as problem:
                return self._json(422, {"message": str(problem)})
            return self._json(200, {})

        def _is_ours(self) -> bool:
            name = self.headers.get("Host", "").rpartition(":")[0]
            return name in ("127.0.0.1", "localhost")

        def _json(self, code: int, what: dict[str, Any]) -> None:
            self._send(code, "application/json", json.dumps(what, ensure_ascii=False).encode())

        def _send(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            for name, value in (
                ("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                ("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff"),
            ):  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Not logged: it asks several times a second."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="display", daemon=True).start()
    return server
