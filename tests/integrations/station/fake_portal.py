"""A portal of a few lines on loopback that fails as it is told, and remembers each event once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakePortal:
    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.bodies: dict[str, set[str]] = {}
        self.uploads: dict[str, list[str]] = {}
        self.calls: list[str] = []
        self.troubles: list[tuple[int, dict[str, str], Any]] = []  # each answers one upload
        self.states: dict[str, dict[str, Any]] = {}
        self.malformed: dict[str, str] = {}  # label → code
        self.drop_answers = 0

    def upload(self, raw: bytes) -> tuple[int, Any]:
        sent = json.loads(raw)["events"]
        malformed, new = [], 0
        for index, event in enumerate(sent):
            if code := self.malformed.get(event["label"]):
                malformed.append({"index": index, "code": code, "message": code})
                continue
            self.bodies.setdefault(event["id"], set()).add(json.dumps(event, sort_keys=True))
            if event["id"] not in self.events:
                self.events[event["id"]] = event
                self.order.append(event["id"])
                new += 1
        name = f"u{len(self.uploads)}"
        self.uploads[name] = [event["id"] for event in sent if event["id"] in self.events]
        return 202, {
            "upload": name,
            "accepted": new,
            "duplicates": len(sent) - new - len(malformed),
            "malformed": malformed,
            "notes": [],
        }

    def results(self, name: str) -> tuple[int, Any]:
        if name not in self.uploads:
            return 404, {"code": "not_found", "title": "?"}
        default = {"state": "applied", "refusals": [], "code": "", "message": ""}
        found = [
            {"id": one, **default, **self.states.get(self.events[one]["label"], {})}
            for one in self.uploads[name]
        ]
        return 200, {"state": "done", "results": found}


@contextmanager
def running(portal: FakePortal, port: int = 0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            portal.calls.append(f"GET {self.path}")
            if self.path.endswith("/time"):
                return self._say(200, {"server_time": datetime.now(UTC).isoformat()})
            return self._say(*portal.results(self.path.rpartition("/")[2]))

        def do_POST(self) -> None:
            portal.calls.append(f"POST {self.path}")
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/verdicts"):
                now = datetime.now(UTC)
                return self._say(200, {
                    "verdict": "pass", "refusals": [], "cautions": [], "cylinder": {"max_fill_kg": 15, "tare_kg": None},
                    "issued_at": now.isoformat(), "valid_until": (now + timedelta(minutes=1)).isoformat(), "signature": "s",
                })  # fmt: skip
            if portal.troubles:
                status, headers, body = portal.troubles.pop(0)
                return self._say(status, body, headers)
            answer = portal.upload(raw)
            if portal.drop_answers:
                portal.drop_answers -= 1
                self.close_connection = True
                return self.connection.close()
            return self._say(*answer)

        def _say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(raw)),
                **(headers or {}),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
