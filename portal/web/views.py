"""The pages of every module: the list with its table, and the list as a file. The drawer is in `drawer.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from portal.frames import SHANGHAI
from portal.limits import per_client_export
from portal.web import asking, drawer, export, imports
from portal.web.module import Module
from tenants import audit
from tenants.errors import Invalid
from tenants.permissions import Permission, needs
from tenants.sentences import say

View = Callable[..., ResponseReturnValue]


def blueprint(modules: tuple[Module, ...]) -> Blueprint:
    """All pages of these modules."""
    bp = Blueprint("modules", __name__)
    for module in modules:
        for rule, name, method, permission, view in pages(module):
            tagged = needs(permission)(view)
            bp.add_url_rule(module.address + rule, f"{module.key}_{name}", tagged, methods=[method])
    return bp


def pages(module: Module) -> list[tuple[str, str, str, Permission, View]]:
    """Address, name, method, permission and view of each page of one module."""
    made: list[tuple[str, str, str, Permission, View]] = [
        ("", "list", "GET", module.read, listing(module)),
        ("/export.<kind>", "export", "GET", module.read, exporting(module)),
    ]
    if module.add is not None:
        made += [
            ("/new", "new", "GET", module.write, drawer.new(module)),
            ("/new", "create", "POST", module.write, drawer.create(module)),
        ]
    if module.importing is not None:
        made += imports.pages(module)
    if module.edit is not None:
        made += [
            ("/<uuid:row_id>/edit", "edit", "GET", module.write, drawer.edit(module)),
            ("/<uuid:row_id>/edit", "save", "POST", module.write, drawer.save(module)),
        ]
    if module.actions:
        made += [
            ("/do/<action>", "ask", "GET", module.write, drawer.ask(module)),
            ("/do/<action>", "act", "POST", module.write, drawer.act(module)),
        ]
    return made


def listing(module: Module) -> View:
    """The list: the whole page, or only its table when htmx asks for that."""

    def view() -> ResponseReturnValue:
        query = asking.wanted(module)
        found = module.rows(g.session, g.actor, query)
        pages_in_all = max(1, -(-found.total // (query.size or 1)))
        if query.page > pages_in_all:
            query = replace(query, page=pages_in_all)
            found = module.rows(g.session, g.actor, query)
        part = request.headers.get("HX-Target") == "list"
        context = {"module": module, "query": query, "found": found, "pages": pages_in_all, "address": asking.address,
                   "may_write": g.actor.may(module.write)}  # fmt: skip
        if part:
            return render_template("module/table.html", **context)
        choices = {item.key: item.choices(g.session) for item in module.filters}
        extras = module.extras(g.session) if module.extras else {}
        return render_template("module/list.html", **context, choices=choices, **extras)

    return view


def exporting(module: Module) -> View:
    """The same list, every row of it, as .csv or .xlsx; noted in the enterprise's audit."""

    @per_client_export
    def view(kind: str) -> ResponseReturnValue:
        if kind not in ("csv", "xlsx"):
            raise NotFound
        query = replace(asking.wanted(module), page=1, size=None)
        rows = module.rows(g.session, g.actor, replace(query, size=1))
        if rows.total > export.MOST_ROWS:
            raise Invalid(
                say(
                    "共 %(total)d 行，超过 %(most)d 行，请先筛选再导出",
                    total=rows.total,
                    most=export.MOST_ROWS,
                )
            )
        found = module.rows(g.session, g.actor, query)
        body = export.as_csv(module, found.rows) if kind == "csv" else export.as_xlsx(module, found.rows)
        if g.actor.tenant_id is not None:  # an authority has no chain of its own
            audit.write(
                g.session, g.actor, audit.Action.LIST_EXPORTED, module.key, rows=len(found.rows), kind=kind
            )
        return _file(body, module.key, kind)

    view.__name__ = f"{module.key}_export"
    return view


def _file(body: bytes, key: str, kind: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = export.CSV_TYPE if kind == "csv" else export.XLSX_TYPE
    day = datetime.now(SHANGHAI).strftime("%Y%m%d-%H%M")
    response.headers["Content-Disposition"] = f'attachment; filename="{key}-{day}.{kind}"'
    return response
