"""The shapes of the map, from our own origin, for as long as the boundaries are the same."""

from __future__ import annotations

import gzip

from flask import Response, g, make_response, request
from werkzeug.exceptions import NotFound

from tenants.queries import maps


def shapes(district: str) -> Response:
    """GeoJSON of what lies next below a district of one's own jurisdiction; 404 for any other."""
    home = g.actor.jurisdiction
    if not (len(district) == 6 and district.isascii() and district.isdigit() and district.startswith(home)):
        raise NotFound
    if not maps.places(g.session, district):
        raise NotFound
    body = maps.shapes(g.session, district).encode()
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(gzip.compress(body, 6, mtime=0) if packed else body)
    response.mimetype = "application/geo+json"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    current = request.args.get("v") == maps.version(g.session)
    response.headers["Cache-Control"] = (
        "private, max-age=31536000, immutable" if current else "private, max-age=300"
    )
    response.vary.add("Accept-Encoding")
    return response
