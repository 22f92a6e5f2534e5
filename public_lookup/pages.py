"""The page a person reads, complete in one response.

A frame is made once for each face and language; what differs from cylinder to cylinder is put into its slots. Times are left open,
so that a page can be kept and told again: `TIME` and `CLOCK` stand where they belong.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader

from public_lookup import lookup
from public_lookup.lookup import DATES, Known, Said
from public_lookup.question import Wanted
from public_lookup.words import FACES, Words, text
from tenants.rules.codes import grouped
from tenants.rules.label_words import Genuine
from tenants.rules.public import Alarm
from tenants.rules.refusal import Refusal

HERE = Path(__file__).parent / "templates"
PAGES = Environment(loader=FileSystemLoader(HERE), autoescape=True)
FORMS = {"unknown": "correct", "malformed": "correct", "too_many": "retry", "unavailable": "retry"}
LOUD = (*(alarm.value for alarm in Alarm), Refusal.STOPPED_BY_INSPECTOR.value)
TIME, CLOCK = "\x04", "\x05"  # where the moment of the question is put, for machines and for people
_OPENS, _CLOSES = "\x02", "\x03"  # around the name of a slot in a frame


@cache
def policy() -> str:
    """The page may use its own style and script and send its own form, and nothing else."""
    return (
        f"default-src 'none'; style-src {_digest('page.css')}; script-src {_digest('page.js')}; img-src data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )


def _digest(name: str) -> str:
    text = (HERE / "public" / name).read_bytes().removesuffix(b"\n")
    return f"'sha256-{base64.b64encode(sha256(text).digest()).decode()}'"


def address_of(wanted: Wanted, **other: str) -> str:
    """The address of an answer, with the signature that came with the question."""
    fields = {"id": wanted.code}
    fields |= {"s": wanted.signature} if wanted.signature else {}
    fields |= {"lang": wanted.language} if wanted.chosen else {}
    fields |= {"view": "large"} if wanted.large else {}
    return f"/{wanted.family}?{urlencode({**fields, **other})}"


def page(said: Said, wanted: Wanted, typed: str = "") -> tuple[bytes, ...]:
    """The page of an answer, in pieces of which most are shared; `typed` is what was asked, to be corrected."""
    language, known = said.language, said.known
    here = wanted if said.code else wanted._replace(code=wanted.code or typed)
    put = {
        "report": escape("/report?" + urlencode({"id": said.code or "", "lang": language})),
        "other_language": escape(address_of(here, lang="zh" if language == "en" else "en")),
        "other_size": escape(address_of(here, view="normal" if wanted.large else "large")),
        "code": _code(said.code, language) if said.code else "",
        "alarms": _alarms(said),
        "reasons": _reasons(said),
        "facts": _facts(known, language) if known else "",
        "stamp": _stamp(language) if known and known.cylinder else "",
        "calendar": _calendar(here) if known and known.cylinder.get("next_inspection_on") else "",
        "typed": "" if said.face not in FORMS else escape(_without_marks(said.code or typed)),
        "checked_at": TIME,
        "clock": CLOCK,
    }
    frame = _frame(said.face, language, wanted.family, wanted.large)
    return tuple([put[piece].encode() if isinstance(piece, str) else piece for piece in frame])


def text_page(title: Words, parts: Sequence[tuple[Words, Sequence[Words]]], language: str) -> str:
    """A page of plain text under headings."""
    return PAGES.get_template("public/text.html").render(t=text, lang=language, title=title, parts=parts)


@cache
def _frame(face: str, language: str, family: str, large: bool) -> tuple[bytes | str, ...]:
    """The page of a face with its slots: what stands there, and the names of slots as texts."""
    rendered = PAGES.get_template("public/page.html").render(
        face=FACES[face], lang=language, t=text, form=FORMS.get(face, "again"), action=f"/{family}", large=large,
        slot=lambda name: f"{_OPENS}{name}{_CLOSES}",
    )  # fmt: skip
    pieces: list[bytes | str] = []
    for part in rendered.split(_OPENS):
        name, closes, rest = part.partition(_CLOSES)
        pieces += [name, rest.encode()] if closes else [part.encode()]
    return tuple(pieces)


@cache
def _stamp(language: str) -> str:
    """Where to look on the cylinder for the number to compare."""
    drawn = PAGES.get_template("public/stamp.svg").render(t=text, lang=language)
    words = text("stamp_what", language)
    return f'<details><summary>{text("stamp_where", language)}</summary><div class="stamp">{drawn}<p>{words}</p></div></details>'


def _calendar(wanted: Wanted) -> str:
    where = urlencode({"id": wanted.code, "lang": wanted.language})
    return f'<p class="after"><a href="/calendar?{escape(where)}">{text("calendar", wanted.language)}</a></p>'


def _alarms(said: Said) -> str:
    """What must be seen before anything else is read: a standing finding, a recall, a forged label."""
    told = {code: line for (code, *_), line in zip(said.reasons, said.sentences(), strict=True)}
    return "".join(
        [f'<p class="alarm" role="alert">{escape(told[code])}</p>' for code in LOUD if code in told]
    )


def _without_marks(typed: str) -> str:
    return "".join(sign for sign in typed if sign >= " ")


def _code(code: str, language: str) -> str:
    groups = grouped(code)
    spans = groups.replace(" ", "</span><span>")
    return (
        f'<p class="code" aria-label="{text("code", language)} {groups}" role="text"><span>{spans}</span></p>'
    )


def _reasons(said: Said) -> str:
    quiet = [
        line for (code, *_), line in zip(said.reasons, said.sentences(), strict=True) if code not in LOUD
    ]
    if not quiet:
        return ""
    lines = "".join([f"<li>{escape(sentence)}</li>" for sentence in quiet])
    return f'<section class="why"><h2>{text("reasons", said.language)}</h2>\n<ul>{lines}</ul></section>'


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
        rows += [("tare", f"{cylinder['tare_kg']:g} kg")] if cylinder["tare_kg"] is not None else []
        rows += [("batch", fill["batch"])] if fill and fill["batch"] else []
        rows += [("assay", _assay(known.assay, language))] if known.assay else []
    rows += [("label", text("genuine", language))] if known.genuine is Genuine.GENUINE else []
    return [
        (text(key, language), value or none, dial(value) if key == "phone" else "") for key, value in rows
    ]


def _assay(assay: Mapping[str, Any], language: str) -> str:
    ended = text("assay_passed" if assay["passed"] else "assay_failed", language)
    return f"{ended} ({assay['assayed_on']})"


def dial(phone: str | None) -> str:
    """The digits to dial, empty when there are none."""
    return "".join(sign for sign in phone or "" if sign in "+0123456789")
