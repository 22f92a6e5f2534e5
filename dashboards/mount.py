"""The one Dash app, behind the portal's guard and inside the regulator's frame.

Every address under /dashboards, Dash's own included, is a view with a permission, so the portal's guard finds out who asks, checks the
form's token and opens the scope of the authority before Dash sees anything. Callbacks use that scope and open none of their own.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, dcc, html
from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest, NotFound

from dashboards import geo
from dashboards.ask import PREFIX, Ask, asked, district_of
from dashboards.page import Page
from dashboards.pages import BY_KEY, PAGES
from dashboards.palette import Palette, Palettes, read_palettes
from dashboards.render import chosen, rendered
from dashboards.table import as_csv
from tenants.errors import NotAllowed
from tenants.permissions import Permission, needs

HERE = Path(__file__).parent
SEARCH_MOST = 2000
SLOTS = {"app_entry": "<!-- dash: entry -->", "config": "<!-- dash: config -->", "scripts": "<!-- dash: scripts -->",
         "renderer": "<!-- dash: renderer -->", "css": "<!-- dash: styles -->"}  # fmt: skip

BONES = 8  # six figures and two charts
WAITING = (
    f'<div id="react-entry-point"><div class="skeleton" aria-busy="true">{"<i></i>" * BONES}</div></div>'
)


class FramedDash(dash.Dash):
    """A Dash app whose page is the portal's own frame; only Dash's own tags are put into it, at the places that wait for them."""

    def _config(self) -> dict[str, Any]:
        """What the browser is told: no versions of ours, and no address at which Dash would ask for its newest."""
        quiet = dict.fromkeys(("dash_version_url", "python_version", "dash_version"), "")
        return {**super()._config(), **quiet, "disable_version_check": True}

    def interpolate_index(self, **kwargs: Any) -> str:
        """The frame for the page that is asked for."""
        framed = render_template("dashboards/page.html", page=g.dashboard, slots=SLOTS)
        for name, slot in SLOTS.items():
            framed = framed.replace(slot, WAITING if name == "app_entry" else kwargs[name])
        return framed


def guarded(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Tag a server callback with its permission and check it again when it runs."""

    def wrap(callback: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(callback)
        def checked(*args: Any) -> Any:
            actor = g.get("actor")
            if actor is None or not actor.may(permission):
                raise NotAllowed
            return callback(*args)

        return needs(permission)(checked)

    return wrap


def _layout() -> html.Div:
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="asked"),
            dcc.Store(id="followed"),
            html.Div(html.Div([html.I() for _ in range(BONES)], className="skeleton"), id="page"),
        ]
    )


def show(question: Any, palettes: Palettes) -> Any:
    """The components of the page that the address bar asks for; what it asks for beyond its rights is answered with what is its own."""
    told = question if isinstance(question, Mapping) else {}
    page = BY_KEY.get(str(told.get("path", "")).removeprefix(PREFIX).strip("/"))
    if page is None:
        raise BadRequest("no such page")
    if not g.actor.may(page.permission):
        raise NotAllowed
    search = str(told.get("search") or "")[:SEARCH_MOST].replace("\0", "")
    return rendered(page, _ask(page, search, palettes.of(str(told.get("theme")))))


def _ask(page: Page, search: str, palette: Palette) -> Ask:
    """An address's question with everything in it checked."""
    wanted = asked(search)
    jurisdiction = g.actor.jurisdiction
    district = district_of(g.session, wanted.get("d", ""), jurisdiction)
    plain = Ask(g.session, page.key, jurisdiction, district, {}, datetime.now(UTC), palette)
    if wanted.get("d", district) not in ("", district):
        said = gettext("地址里的区划或单位不存在，或不在管辖范围内，已显示整个辖区。")
        plain = replace(plain, unknown=(said,))
    return chosen(page, plain, wanted)


def set_up(app: Flask, *, tokens: Path, policy: str) -> Sequence[Page]:
    """Put the pages in; `tokens` is the file of colours, `policy` the portal's CSP, which these pages widen. Returns the pages."""
    palettes = read_palettes(tokens)
    pages = Blueprint("dashboards", __name__, template_folder="templates")
    framed = FramedDash(
        name="dashboards",
        server=app,
        routes_pathname_prefix=PREFIX,
        requests_pathname_prefix=PREFIX,
        assets_folder=str(HERE / "assets"),
        add_log_handler=False,
        compress=False,
        enable_mcp=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title="",
    )
    framed.layout = _layout()
    _callbacks(framed, palettes)
    for page in PAGES:
        view = needs(page.permission)(_page_view(framed, page))
        name = page.endpoint.partition(".")[2]
        pages.add_url_rule(PREFIX + page.key, name, view)
        file = needs(page.permission)(_file_view(page, palettes.light))
        pages.add_url_rule(f"{PREFIX}{page.key}.csv", f"{name}_csv", file)
    pages.add_url_rule(f"{PREFIX}geo/<district>.json", "geo", needs(Permission.DASHBOARDS_READ)(geo.shapes))
    app.register_blueprint(pages)
    _guard(app, framed)
    _widen(app, framed, policy)
    return [page for page in PAGES if page.icon]


def _callbacks(framed: dash.Dash, palettes: Palettes) -> None:
    @framed.callback(Output("page", "children"), Input("asked", "data"), prevent_initial_call=True)
    @guarded(Permission.DASHBOARDS_READ)
    def answer(question: Any) -> Any:
        return show(question, palettes)

    framed.clientside_callback(
        ClientsideFunction("portal", "ask"), Output("asked", "data"), Input("address", "pathname"), Input("address", "search")
    )  # fmt: skip
    framed.clientside_callback(
        ClientsideFunction("portal", "follow"),
        Output("followed", "data"),
        Input({"type": "chart", "name": ALL}, "clickData"),
        prevent_initial_call=True,
    )


def _page_view(framed: dash.Dash, page: Page) -> Callable[[], ResponseReturnValue]:
    def view() -> ResponseReturnValue:
        g.dashboard = page
        response = make_response(framed.index())
        response.set_cookie(
            "_csrf_token", generate_csrf(), path=PREFIX, secure=request.is_secure, samesite="Strict"
        )
        return response

    return view


def _file_view(page: Page, palette: Palette) -> Callable[[], ResponseReturnValue]:
    """A chart's table as a file; without a name the page's first."""
    charts = {chart.key: chart for chart in page.charts}

    def view() -> ResponseReturnValue:
        chart = charts.get(request.args.get("chart", page.charts[0].key))
        if chart is None:
            raise NotFound
        ask = _ask(page, request.query_string.decode(errors="replace")[:SEARCH_MOST], palette)
        response = make_response(as_csv(chart, ask))
        response.mimetype = "text/csv"
        response.headers["Content-Disposition"] = (
            f"attachment; filename={chart.key}-{ask.district}-{ask.today}.csv"
        )
        return response

    return view


def _guard(app: Flask, framed: dash.Dash) -> None:
    """Tag every view that Dash made; the ones that need more than a tag are wrapped."""
    special: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
        "_dash-update-component": lambda view: _known_callbacks(framed, view),
        "_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": _squeezed,
        "": lambda _: _to_overview,
        "<path:path>": lambda _: _nowhere,
    }
    for rule in list(app.url_map.iter_rules()):
        if not rule.rule.startswith(PREFIX) or rule.endpoint.startswith("dashboards."):
            continue
        view = app.view_functions[rule.endpoint]
        wrap = special.get(rule.rule.removeprefix(PREFIX), _plain)
        app.view_functions[rule.endpoint] = needs(Permission.DASHBOARDS_READ)(wrap(view))


def _plain(view: Callable[..., Any]) -> Callable[..., Any]:
    def same(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return same


def _to_overview(**_: Any) -> ResponseReturnValue:
    return redirect(url_for("dashboards.overview"), 303)


def _nowhere(**_: Any) -> ResponseReturnValue:
    raise NotFound


def _known_callbacks(framed: dash.Dash, view: Callable[..., Any]) -> Callable[..., Any]:
    """Only what a browser with our pages could have sent reaches Dash; everything else is a bad request, not an accident."""

    def dispatch() -> Any:
        body = request.get_json()
        callback = framed.callback_map.get(str(body.get("output"))) if isinstance(body, dict) else None
        if callback is None or not callable(callback.get("callback")) or not _is_whole(body):
            raise BadRequest("no such callback")
        return view()

    return dispatch


def _is_whole(body: Mapping[str, Any]) -> bool:
    given = body.get("inputs")
    return (
        isinstance(given, list)
        and [(one.get("id"), one.get("property")) if isinstance(one, dict) else None for one in given]
        == [("asked", "data")]
        and body.get("outputs") == {"id": "page", "property": "children"}
        and not body.get("state")
        and body.get("changedPropIds") in ([], ["asked.data"])
    )


def _squeezed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Dash's scripts compressed, once in the life of the process."""
    kept: dict[tuple[str, str], bytes] = {}

    def serve(package_name: str, fingerprinted_path: str) -> Response:
        try:
            response: Response = view(package_name=package_name, fingerprinted_path=fingerprinted_path)
        except (dash.exceptions.DashException, KeyError, FileNotFoundError) as error:
            raise NotFound from error
        if response.status_code == 200 and "gzip" in request.headers.get("Accept-Encoding", ""):
            key = (package_name, fingerprinted_path)
            body = kept.get(key) or kept.setdefault(key, gzip.compress(response.get_data(), 6, mtime=0))
            response.set_data(body)
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response

    return serve


def _widen(app: Flask, framed: dash.Dash, policy: str) -> None:
    """Plotly writes style sheets and Dash one inline script; nothing else is opened, and only here."""
    hashes = " ".join(framed.csp_hashes())
    own = policy.replace("script-src 'self'", f"script-src 'self' {hashes}").replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'"
    )

    @app.after_request
    def widen(response: Response) -> Response:
        if (
            request.endpoint
            and request.endpoint.startswith("dashboards.")
            and response.mimetype == "text/html"
        ):
            response.headers["Content-Security-Policy"] = own
        return response
