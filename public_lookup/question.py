"""What was asked, read from a WSGI environment: the code in `id`, the language, and whether a program or a person asks.

A messenger or a shop may have added parameters of its own to a printed address; whatever isn't ours is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from public_lookup.words import LANGUAGES
from tenants.rules.codes import MalformedCode, ScannedCode, ScanProblem, parse_scan

LONGEST = 200  # characters of an `id`; the longest printed form has 60
MOST_FIELDS = 50  # parameters looked at
PREFERRED = ("zh", "zh-CN", "zh-Hans", "en")


@dataclass(frozen=True, slots=True)
class Question:
    """One lookup. `code` is None where there is a `problem`; `typed` is what may be shown again in the form."""

    family: str  # Q or L, by the address
    code: ScannedCode | None
    problem: MalformedCode | None
    typed: str
    language: str
    chosen: bool  # whether the address named the language
    for_program: bool
    known: str  # tags of answers that the asker has kept


def asked(environ: Mapping[str, Any], family: str) -> Question:
    """The question in this request."""
    given, lang = _fields(environ.get("QUERY_STRING", ""))
    code, problem = None, None
    try:
        code = _code(given)
    except MalformedCode as found:
        problem = found
    typed = given[0].strip() if len(given) == 1 and len(given[0]) <= LONGEST else ""
    preferred, for_program = _accepted(
        environ.get("HTTP_ACCEPT_LANGUAGE", ""), environ.get("HTTP_ACCEPT", "")
    )
    chosen = lang in LANGUAGES
    known = environ.get("HTTP_IF_NONE_MATCH", "") if for_program else ""
    return Question(family, code, problem, typed, lang if chosen else preferred, chosen, for_program, known)


def _fields(query: str) -> tuple[list[str], str]:
    """Every `id`, and the first `lang`; WSGI hands bytes over as Latin-1."""
    if not query.isascii():
        query = query.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        fields = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        fields = []
    return [value for name, value in fields if name == "id"], next(
        (value for name, value in fields if name == "lang"), ""
    )


def _code(given: list[str]) -> ScannedCode:
    if len(given) != 1:
        raise MalformedCode(ScanProblem.WRONG_LENGTH if given else ScanProblem.EMPTY)
    if len(given[0]) > LONGEST:
        raise MalformedCode(ScanProblem.TOO_LONG)
    return parse_scan(given[0])


@lru_cache(maxsize=1024)
def _accepted(languages: str, kinds: str) -> tuple[str, bool]:
    """What the browser prefers, else Chinese; and whether JSON was asked for by name, for a browser's `*/*` gets the page."""
    preferred = parse_accept_header(languages, LanguageAccept).best_match(PREFERRED, default="zh")
    wanted = parse_accept_header(kinds, MIMEAccept)
    return preferred[:2], wanted["application/json"] > wanted["text/html"]
