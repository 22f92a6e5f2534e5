"""What was asked: the code in a request's `id`, the language, and whether a program or a person asks."""

from __future__ import annotations

from flask import Request

from public_lookup.words import LANGUAGES
from tenants.rules.codes import MalformedCode, ScannedCode, ScanProblem, parse_scan

LONGEST = 200  # characters; the longest printed form has 60


def asked_code(request: Request) -> ScannedCode:
    """The code asked for, however a reader delivered it; raises MalformedCode when there isn't exactly one."""
    given = request.args.getlist("id")
    if len(given) != 1:
        raise MalformedCode(ScanProblem.WRONG_LENGTH if given else ScanProblem.EMPTY)
    if len(given[0]) > LONGEST:
        raise MalformedCode(ScanProblem.TOO_LONG)
    return parse_scan(given[0])


def typed(request: Request) -> str:
    """What was typed, to be shown again in the form; empty when it isn't worth showing."""
    given = request.args.getlist("id")
    return given[0].strip() if len(given) == 1 and len(given[0]) <= LONGEST else ""


def language(request: Request) -> str:
    """`lang` from the address, else what the browser prefers, else Chinese."""
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        return wanted
    preferred = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"], default="zh")
    return preferred[:2]


def wants_json(request: Request) -> bool:
    """Whether JSON was asked for by name; a browser's `*/*` gets the page."""
    kinds = request.accept_mimetypes
    return kinds["application/json"] > kinds["text/html"]
