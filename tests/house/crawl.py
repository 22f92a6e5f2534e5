"""Everybody of the cast walks through every address of the running portal; what they got can be looked through afterwards.

Addresses come from `app.url_map`, so a new page is walked without being told. What a page's path needs is in `PATHS`, by the name of
the argument; a route with an argument that isn't there fails the test that asks for it, and with it whoever added the route.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.guard import permission_of
from portal.web import MODULES
from tenants.permissions import GRANTS, Permission
from tenants.planes import Plane
from tests.cast import (
    INSPECTOR_OF_A,
    INSPECTOR_OF_BOTH,
    OPERATOR,
    PASSWORD,
    REGULATOR_OF_A,
    REGULATOR_OF_BOTH,
    STAFF_ROLES,
    A,
    B,
    Enterprise,
)

ABSENT = UUID("99999999-0000-7000-8000-000000000099")


@dataclass(frozen=True, slots=True)
class Nowhere(Enterprise):
    """An enterprise whose things don't exist: its ids have the same shape as the others'."""


NOWHERE = Nowhere("ZN", 9901, "999999", "999", "9", 990001, B.kilos)

# The things that a module's rows are.
THINGS: dict[str, Callable[[Enterprise], list[str]]] = {
    "cylinders": lambda e: [str(e.cylinder_id("good")), str(e.cylinder_id("suspended"))],
    "imports": lambda e: [str(e.uuid(95))],
    "devices": lambda e: [str(e.uuid(40))],
    "staff": lambda e: [str(e.uuid(11))],
    **dict.fromkeys(("findings", "authority_findings", "inspector_findings"), lambda e: [str(e.uuid(86))]),
    "label_runs": lambda e: [str(e.uuid(50))],
    **dict.fromkeys(("reports", "authority_reports", "inspector_reports"), lambda e: [str(e.uuid(88))]),
    "labels": lambda e: [str(e.label_id("good")), str(e.label_id("issued"))],
}


def things_of_module(e: Enterprise, endpoint: str) -> list[str]:
    """Ids of the rows that a module's page is about; a module that isn't in THINGS is a KeyError."""
    return THINGS[endpoint.removeprefix("modules.").rpartition("_")[0]](e)


def actions_of_module(endpoint: str) -> list[str]:
    key = endpoint.removeprefix("modules.").rpartition("_")[0]
    return [action.key for module in MODULES if module.key == key for action in module.actions]


# What to put into a path, by the argument's name: for an enterprise and a view, the things of it that the name can mean.
PATHS: dict[str, Callable[[Enterprise, str], list[str]]] = {
    "row_id": things_of_module,
    "action": lambda _, endpoint: actions_of_module(endpoint),
    "kind": lambda *_: ["csv", "xlsx"],
    "filename": lambda *_: ["tokens.css", "vendor/htmx.min.js"],
    "cylinder_id": lambda e, _: [str(e.cylinder_id("good")), str(e.cylinder_id("scrapped"))],
    "finding_id": lambda e, _: [str(e.uuid(86))],
    "report_id": lambda e, _: [str(e.uuid(88))],
    "ticket": lambda *_: ["26010100000000-0000000000"],  # whoever holds a true one is told
    "import_id": lambda e, _: [str(e.uuid(95))],
    "label_run_id": lambda e, _: [str(e.uuid(50))],
    "making_id": lambda e, _: [str(e.uuid(51))],
    "label_id": lambda e, _: [str(e.label_id("good"))],
    "device_id": lambda e, _: [str(e.uuid(40))],
    "upload": lambda e, _: [str(e.uuid(90))],
    "upload_id": lambda e, _: [str(e.uuid(90))],
    "uid": lambda e, _: [e.digit.upper() * 8 + "00000000"],
    "code": lambda e, _: [e.code("good")],
    "district": lambda e, _: [e.district],
    "path": lambda *_: ["nothing", "overview/"],
    "package_name": lambda *_: ["dash", "os"],
    "fingerprinted_path": lambda *_: ["deps/nothing.js"],
}
# Arguments that name nobody's thing.
SHARED_ARGUMENTS = {"ticket", "filename", "kind", "action", "path", "package_name", "fingerprinted_path"}
QUERIES: dict[str, Callable[[Enterprise], list[str]]] = {
    "public_lookup.industrial": lambda e: [f"?id={e.code('oxygen')}", f"?id={e.code('good')}"],
    **{
        f"findings.{desk}_seek": lambda e: [f"?q={e.code('good')}", f"?q={e.mark}-S"]
        for desk in ("authority", "inspector")
    },
    "public_lookup.lpg": lambda e: [f"?id={e.code('good')}", f"?id={e.code('overdue')}"],
}
EVERY_LIST = (
    "", "?lang=en", "?q=S77", "?q=S11", "?page=2", "?sort=serial_no", "?sort=-serial_no", "?size=100", "?status=in_use",
    "?state=bound", "?due=overdue", "?label=without", "?medium_id=LPG", "?standing=noted", "?days=7", "?hazard=7",
)  # fmt: skip


@dataclass(slots=True)
class Visitor:
    """One of the cast in front of the portal; `sees` are the enterprises that he may know of."""

    name: str
    client: FlaskClient
    sees: tuple[Enterprise, ...]
    planes: frozenset[Plane | None]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def curious(self) -> bool:
        """Whether this one tries every filter and order; colleagues of the same plane see the same rows."""
        return self.name.endswith(("admin", "-a", "-both"))

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)


def visitors(app: Flask) -> list[Visitor]:
    """Everybody of the cast, signed in."""
    app.config["WTF_CSRF_ENABLED"] = False
    people = [(e.username(role), (e,), Plane.TENANT) for e, role in product((A, B), STAFF_ROLES)]
    officials = [
        (REGULATOR_OF_A, (A,)),
        (REGULATOR_OF_BOTH, (A, B)),
        (INSPECTOR_OF_A, (A,)),
        (INSPECTOR_OF_BOTH, (A, B)),
    ]
    planes = {"regulator": Plane.REGULATOR, "inspector": Plane.INSPECTOR}
    people += [(official.username, sees, planes[official.role.value]) for official, sees in officials]
    people.append((OPERATOR, (A, B), Plane.PLATFORM))
    found = [Visitor("citizen", app.test_client(), (), frozenset({None, Plane.PUBLIC}))]
    for number, (username, sees, plane) in enumerate(people):
        client = app.test_client()
        address = {"REMOTE_ADDR": f"198.18.0.{number}"}
        form = {"username": username, "password": PASSWORD}
        answer = client.post("/login", data=form, environ_base=address)
        assert answer.status_code in (302, 303), f"{username} can't sign in: {answer.status_code}"
        found.append(Visitor(username, client, sees, frozenset({None, Plane.PUBLIC, Plane.AUTH, plane})))
    for e in (A, B):
        bearer = {"Authorization": f"Bearer {e.token}"}
        found.append(
            Visitor(
                f"{e.mark} gateway",
                app.test_client(),
                (e,),
                frozenset({None, Plane.PUBLIC, Plane.DEVICE}),
                bearer,
            )
        )
    return found


def rules(app: Flask, method: str = "GET") -> Iterator[Rule]:
    """Every address that answers the method."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if method in (rule.methods or set()):
            yield rule


def permission(app: Flask, rule: Rule) -> Permission | None:
    return permission_of(app, rule.endpoint)


def is_public(app: Flask, rule: Rule) -> bool:
    """Whether the address is there to tell everybody about any code."""
    return permission(app, rule) is Permission.PUBLIC_LOOKUP


def plane_of(app: Flask, rule: Rule) -> Plane | None:
    named = permission(app, rule)
    return GRANTS[named].plane if named else None


def is_about_something(rule: Rule) -> bool:
    """Whether the address names a thing that belongs to somebody, in its path or in its question."""
    return bool(rule.arguments - SHARED_ARGUMENTS) or rule.endpoint.endswith(("_ask", "_act"))


def paths(rule: Rule, e: Enterprise) -> list[str]:
    """The rule's addresses for the things of one enterprise; raises KeyError for an argument that nobody has explained."""
    names = sorted(rule.arguments)
    filled = []
    for values in product(*(PATHS[name](e, rule.endpoint) for name in names)):
        path = rule.rule
        for name, value in zip(names, values, strict=True):
            path = re.sub(rf"<(?:[^<>:]+:)?{name}>", value, path)
        filled.append(path)
    return filled


def asks_of(rule: Rule) -> tuple[str, ...]:
    """Lists are asked everything, files two things, other pages one."""
    if rule.endpoint.endswith("_list"):
        return EVERY_LIST
    return ("", "?q=S77") if rule.endpoint.endswith("_export") else ("",)


def addresses(rule: Rule, e: Enterprise, curious: bool = True) -> list[str]:
    """The rule's addresses with the questions that can be asked there; who isn't curious asks one."""
    if rule.endpoint in QUERIES:
        asked = QUERIES[rule.endpoint](e)
    elif rule.endpoint.endswith("_ask"):
        asked = [f"?id={thing}" for thing in things_of_module(e, rule.endpoint)]
    else:
        asked = list(asks_of(rule)) if curious else [""]
    return [path + query for path in paths(rule, e) for query in asked]


def forms(rule: Rule, e: Enterprise) -> list[dict[str, str]]:
    """What to send to the rule: fields that name things of the enterprise; what a page doesn't know it leaves alone."""
    filled = {
        "row_version": "1",
        "reason": "mirror",
        "serial_no": f"{e.mark}-S{e.first_serial}",
        "new_code": e.code("issued"),
        "hazard": "1",
        "disposition": "stop",
        "words": "mirror",
        "client_ref": str(e.uuid(88)),
        "serials": e.code("issued_void"),
        "why": "damaged",
    }
    ids = (
        things_of_module(e, rule.endpoint) if rule.endpoint.endswith("_act") else [str(e.cylinder_id("good"))]
    )
    return [{**filled, "id": thing} for thing in ids]


def is_let_in(response: TestResponse) -> bool:
    """Whether the visitor got further than the door: an answer, and not the way to the sign-in page."""
    return response.status_code < 400 and "/login" not in response.headers.get("Location", "")


def told(response: TestResponse) -> str:
    """Everything that left the house: status line, headers, body; packed formats are opened."""
    head = f"{response.status}\n" + "\n".join(f"{name}: {value}" for name, value in response.headers)
    return head + "\n\n" + opened(response.data)


def opened(body: bytes) -> str:
    """A body as text; a zip (xlsx) is unpacked, gzip is unzipped, what is signed is shown without keys and signatures."""
    import base64
    import gzip
    import io
    import zipfile

    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    if body.startswith(b"QPSNAP1\n"):
        length = int.from_bytes(body[8:12], "little")  # differs with the number of digits of a version
        body = body[12 : 12 + length].rstrip() + b"\n" + body[12 + length : -64]
    body = re.sub(rb'(?<="payload":")[A-Za-z0-9+/=]+', lambda found: base64.b64decode(found[0]), body)
    body = re.sub(rb'(?<="public_key":")[A-Za-z0-9+/=]+|(?<="signature":")[A-Za-z0-9+/=]+', b"", body)
    return body.decode("utf-8", "replace")


# Random letters, in which any two letters stand now and then.
TOKENS = [
    (r'name="token" value="[^"]*"', "token"),
    (r'name="csrf-?_?token"[^>]*(?:value|content)="[^"]*"', "csrf"),
    (r'(?:value|content)="[^"]*"[^>]*name="csrf-?_?token"', "csrf"),
    (r"(?im)^set-cookie:.*$", ""),
    (r"_csrf_token=[^;]*", "csrf"),
]
CHANGING = [
    *TOKENS,
    (r'name="client_ref" value="[^"]*"', "ref"),
    (r"(?im)^(date|x-request-id|content-length|server-timing|etag|last-modified):.*$", ""),
    (r"\b[0-9a-f]{32}\b", "hex"),
    (r'name="run_id" value="[^"]*"', "new"),
    (r'"request_id": ?"[^"]*"', ""),
    (r'"end_id": ?"[^"]*"', ""),
    (r'"signature": ?"[^"]*"', ""),
    (r'"version":"\d+\.\d+\.', ""),  # of a snapshot: a clock that counts transactions
    (r"\b[0-9a-f]{16}\b", "hex"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", "time"),
    (r"\b20\d{6}-\d{4}\b", "time"),
    (r"\b\d\d:\d\d(:\d\d)?\b", "time"),
]


def without_tokens(text: str) -> str:
    """What a page says, without the random letters of cookies and forms."""
    for pattern, instead in TOKENS:
        text = re.sub(pattern, instead, text)
    return text


def settled(text: str) -> str:
    """What a page says, without what is different each time for a good reason."""
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text)
    return text


def without_ids(text: str, *enterprises: Enterprise) -> str:
    """A page that was asked about an id may say that id again; everything else must be the same."""
    for e in enterprises:
        text = re.sub(rf"{e.digit}{{8}}-0000-7000-8000-\d{{12}}", "ID", text)
        text = re.sub(rf"(?<!\d){e.district}\+?{e.enterprise}\d{{8}}(?!\d)", "CODE", text)
        text = re.sub(rf"(geo(?:/|%2F)){e.district}", r"\1DISTRICT", text)
        text = text.replace(f"{e.mark}-S{e.first_serial}", "SERIAL")
    return text
