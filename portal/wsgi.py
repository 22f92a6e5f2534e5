"""What the web server runs: `portal.wsgi:app`, with the settings of the environment."""

from __future__ import annotations

from portal.factory import create_app

app = create_app()
