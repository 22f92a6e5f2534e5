"""The enterprise's pages, declared: a module says what it is (`module.py`), one set of views does the rest (`views.py`).

Read `module.py` first, then `cylinders.py` as an example. A new module is one file here and one line in `MODULES`.
"""

from __future__ import annotations

from flask import Flask


def set_up(app: Flask) -> None:
    """Put every module's pages in."""
