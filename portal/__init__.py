"""The composition root and everything a signed-in person sees. May import tenants; `factory.py` alone imports every room.

`create_app()` makes the program: `flask --app portal` finds it here, `wsgi.py` hands it to the web server. Read `factory.py` first, then
`guard.py` (who may do what), `sessions.py` (who is who) and `web/module.py` (how an enterprise's page is declared).
"""

from __future__ import annotations

from portal.factory import create_app

__all__ = ["create_app"]
