"""`GET /snapshot`: what a device judges by without a network."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from integrations.devices import calls
from integrations.devices.describe import described
from tenants import scope
from tenants.permissions import Permission, needs
from tenants.services.snapshot.build import build

TYPE = "application/vnd.qp.snapshot"
LEVEL = 5  # of gzip: beyond it costs time and saves little


def put_on(bp: Blueprint) -> None:
    """The view of this file."""
    bp.get("/snapshot")(get_snapshot)


@needs(Permission.DEVICE_SNAPSHOT)
@described(calls.SNAPSHOT)
def get_snapshot() -> ResponseReturnValue:
    """The whole, or what changed since the version named."""
    caller = g.caller
    current_app.extensions["device_budget"].spend_sparingly(str(caller.device_id), "snapshot")
    vault, since = current_app.extensions["device_vault"], request.args.get("since")
    with scope.device_scope(caller.tenant_id) as session:
        file = build(session, caller.tenant_id, vault, datetime.now(UTC), since)
    response = Response(file, mimetype=TYPE)
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(file, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
