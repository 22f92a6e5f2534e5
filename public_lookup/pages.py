"""The page a person reads, complete in one response.

A frame is made once for each face and language; what differs from cylinder to cylinder is put into its slots. Times are left open,
so that a page can be kept and told again: `TIME` and `CLOCK` stand where they belong.
"""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader

from public_lookup import lookup
from public_lookup.lookup import DATES, Known, Said
from public_lookup.words import FACES, text
from tenants.rules.codes import grouped

HERE = Path(__file__).parent / "templates"
STYLE = HERE / "public" / "page.css"
PAGES = Environment(loader=FileSystemLoader(HERE), autoescape=True)
FORMS = {"unknown": "correct", "malformed": "correct", "too_many": "retry", "unavailable": "retry"}
TIME, CLOCK = "\x04", "\x05"  # where the moment of the question is put, for machines and for people
_OPENS, _CLOSES = "\x02", "\x03"  # around the name of a slot in a frame


@cache
def policy() -> str:
    """The page may use its own style and send its own form, and nothing else."""
    digest = base64.b64encode(sha256(STYLE.read_bytes().removesuffix(b"\n")).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )


def page(said: Said, family: str, typed: str) -> tuple[bytes, ...]:
    """The page of an answer at `/Q` or `/L`, in pieces of which most are shared; `typed` is what was asked, to be corrected."""
    language, asks_again = said.language, said.face not in FORMS
    shown = said.code or typed
    switched = {"id": shown, "lang": "zh" if language == "en" else "en"}
    put = {
        "other_language": escape(f"/{family}?{urlencode(switched)}"),
        "report": escape("/report?" + urlencode({"id": said.code or "", "lang": language})),
        "code": _code(said.code, language) if said.code else "",
        "reasons": _reasons(said) if said.reasons else "",
        "facts": _facts(said.known, language) if said.known else "",
        "typed": "" if asks_again else escape(_without_marks(shown)),
        "checked_at": TIME,
        "clock": CLOCK,
    }
    frame = _frame(said.face, language, family)
    return tuple([put[piece].encode() if isinstance(piece, str) else piece for piece in frame])


@cache
def _frame(face: str, language: str, family: str) -> tuple[bytes | str, ...]:
    """The page of a face with its slots: what stands there, and the names of slots as texts."""
    rendered = PAGES.get_template("public/page.html").render(
        face=FACES[face], lang=language, t=text, form=FORMS.get(face, "again"), action=f"/{family}",
        slot=lambda name: f"{_OPENS}{name}{_CLOSES}",
    )  # fmt: skip
    pieces: list[bytes | str] = []
    for part in rendered.split(_OPENS):
        name, closes, rest = part.partition(_CLOSES)
        pieces += [name, rest.encode()] if closes else [part.encode()]
    return tuple(pieces)


def _without_marks(typed: str) -> str:
    return "".join(sign for sign in typed if sign >= " ")


def _code(code: str, language: str) -> str:
    groups = grouped(code)
    spans = groups.replace(" ", "</span><span>")
    return (
        f'<p class="code" aria-label="{text("code", language)} {groups}" role="text"><span>{spans}</span></p>'
    )


def _reasons(said: Said) -> str:
    lines = "".join([f"<li>{escape(sentence)}</li>" for sentence in said.sentences()])
    return f"<section><h2>{text('reasons', said.language)}</h2>\n<ul>{lines}</ul></section>"


def _facts(known: Known, language: str) -> str:
    rows = "".join([_fact(*row) for row in facts(known, language)])
    return f"<section><h2>{text('facts', language)}</h2>\n<dl>{rows}</dl></section>"


def _fact(name: str, value: str, number: str) -> str:
    said = escape(value)
    shown = f'<a href="tel:{number}">{said}</a>' if number else said
    return f"<div><dt>{name}</dt><dd>{shown}</dd></div>"


def facts(known: Known, language: str) -> list[tuple[str, str, str]]:
    """The definition list: name, value, and a number to dial where there is one."""
    none = text("none", language)
    cylinder, fill = known.cylinder, known.last_fill
    rows = [
        ("enterprise", known.enterprise["name"]),
        ("licence_no", known.enterprise["licence_no"]),
        ("phone", known.enterprise["phone"]),
        ("medium", known.medium.get("name_en" if language == "en" else "name_zh")),
    ]
    if cylinder:
        rows += [("serial_no", cylinder["serial_no"]), ("maker", cylinder["maker"])]
        rows += [(f"{name}_on", lookup.day(cylinder, name)) for name in DATES]
        rows += [("last_fill_at", f"{lookup.moment(fill['at']):%Y-%m-%d %H:%M}" if fill else None)]
        rows += [("last_fill_kg", f"{fill['net_kg']:g} kg")] if fill and fill["net_kg"] is not None else []
    return [
        (text(key, language), value or none, dial(value) if key == "phone" else "") for key, value in rows
    ]


def dial(phone: str | None) -> str:
    """The digits to dial, empty when there are none."""
    return "".join(sign for sign in phone or "" if sign in "+0123456789")
