"""A one-time token for a new device, shown once as a QR code; and the decision about what a revoked device still sent."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

import qrcode
from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from qrcode.image.svg import SvgPathImage
from werkzeug.exceptions import BadRequest

from portal.web.devices import MODULE
from tenants.permissions import Permission, needs
from tenants.rules.states import Role
from tenants.services import held
from tenants.services.devices import DEVICE_ROLES
from tenants.services.enrolment import HOLDS, OpenedEnrolment, enrolment_url, open_enrolment

bp = Blueprint("device", __name__)
LONGEST_REASON = 500


@bp.get("/enterprise/devices/enrol")
@needs(Permission.DEVICES_WRITE)
def enrol() -> ResponseReturnValue:
    """Which role, which name."""
    return _page(None)


@bp.post("/enterprise/devices/enrol")
@needs(Permission.DEVICES_WRITE)
def open_() -> ResponseReturnValue:
    """The token, this once."""
    role = request.form.get("role", "")
    if role not in {one.value for one in DEVICE_ROLES}:
        raise BadRequest
    name = request.form.get("name", "")
    return _page(open_enrolment(g.session, g.actor, Role(role), datetime.now(UTC), name))


@bp.post("/enterprise/devices/held")
@needs(Permission.DEVICES_WRITE)
def decide() -> ResponseReturnValue:
    """Accept or decline one event, with a reason."""
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    decision = request.form.get("decision", "")
    try:
        event_id = UUID(request.form.get("id", ""))
    except ValueError:
        raise BadRequest from None
    if decision not in ("accept", "decline") or not reason:
        raise BadRequest
    if decision == "accept":
        held.accept(g.session, g.actor, event_id, reason, datetime.now(UTC))
        flash(gettext("已采纳，正在入账"), "ok")
    else:
        held.decline(g.session, g.actor, event_id, reason)
        flash(gettext("已记录为不采纳"), "ok")
    return redirect(url_for("modules.devices_list"), 303)


def _page(opened: OpenedEnrolment | None) -> ResponseReturnValue:
    url = enrolment_url(current_app.config["SETTINGS"].public_origin, opened.token) if opened else ""
    page = render_template(
        "devices/enrol.html",
        module=MODULE,
        roles=sorted(DEVICE_ROLES, key=list(Role).index),
        opened=opened,
        url=url,
        picture=_picture(url) if opened else "",
        minutes=int(HOLDS.total_seconds() // 60),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _picture(text: str) -> str:
    """A QR code as the address of a picture that carries itself."""
    code = qrcode.QRCode(border=4, image_factory=SvgPathImage)
    code.add_data(text)
    drawn: bytes = code.make_image().to_string()
    return "data:image/svg+xml;base64," + base64.b64encode(drawn).decode()
