"""What was asked, read from a WSGI environment: the code in `id`, the language, and whether a program or a person asks.

A messenger or a shop may have added parameters of its own to a printed address; whatever isn't ours is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from public_lookup.words import LANGUAGES
from tenants.rules.codes import MalformedCode, ScannedCode, ScanProblem, parse_scan

LONGEST = 200  # characters of an `id`; the longest printed form has 60
LONGEST_SIGNATURE = 40
OURS = frozenset({"lang", "s", "view"})
MOST_FIELDS = 50  # parameters looked at
PREFERRED = ("zh", "zh-CN", "zh-Hans", "en")


class Wanted(NamedTuple):
    """What the text of an answer depends on, but for the card, the day and the moment. `code` is empty where there is none."""

    family: str  # Q or L, by the address
    code: str
    signature: str  # that the scanned address bears
    language: str
    chosen: bool  # whether the address named the language
    large: bool  # whether large type is wanted
    for_program: bool


class Question(NamedTuple):
    """One lookup; where it names no code there is a `problem`."""

    wanted: Wanted
    problem: MalformedCode | None
    typed: str  # what may be shown again in the form
    known: str  # tags of answers that the asker has kept


def asked(environ: Mapping[str, Any], family: str) -> Question:
    """The question in this request."""
    given, more = _fields(environ.get("QUERY_STRING", ""))
    code, problem = "", None
    try:
        code = _code(given).code
    except MalformedCode as found:
        problem = found
    typed = given[0].strip() if len(given) == 1 and len(given[0]) <= LONGEST else ""
    preferred, for_program = _accepted(
        environ.get("HTTP_ACCEPT_LANGUAGE", ""), environ.get("HTTP_ACCEPT", "")
    )
    lang = more.get("lang", "")
    chosen = lang in LANGUAGES
    wanted = Wanted(
        family, code, more.get("s", "")[:LONGEST_SIGNATURE], lang if chosen else preferred, chosen,
        more.get("view") == "large", for_program,
    )  # fmt: skip
    return Question(wanted, problem, typed, environ.get("HTTP_IF_NONE_MATCH", "") if for_program else "")


def _fields(query: str) -> tuple[list[str], dict[str, str]]:
    """Every `id`, and the first of each other parameter of ours; WSGI hands bytes over as Latin-1."""
    if not query.isascii():
        query = query.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        fields = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        fields = []
    more = {name: value for name, value in reversed(fields) if name in OURS}
    return [value for name, value in fields if name == "id"], more


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
