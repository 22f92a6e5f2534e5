"""The yardstick: a Flask route that does nothing, to be served like the portal."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def nothing() -> str:
    """Twelve bytes."""
    return "hello, world"
