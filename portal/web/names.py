"""Names of media and kinds of cylinder in the reader's language, fetched once a request."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from sqlalchemy.orm import Session

from portal import i18n
from tenants.queries import names
from tenants.rules.findings import violation_of
from tenants.rules.vessels import KINDS


def kind_name(code: str) -> str:
    """The name of a kind; one that was added to the reference table has its Chinese name or its code."""
    if code in KINDS:
        return KINDS[code].en if i18n.language() == "en" else KINDS[code].zh
    if "kinds" not in g:
        g.kinds = names.kinds(g.session)
    return str(g.kinds.get(code, code))


def medium_name(key: str | None) -> str:
    """The name of a medium."""
    if "media" not in g:
        g.media = names.media(g.session)
    named = g.media.get(key)
    if named is None:
        return key or ""
    return i18n.remembered(("medium", key), lambda: named.en if i18n.language() == "en" else named.zh)


def kind_choices(session: Session) -> Sequence[tuple[str, str]]:
    """Kinds that the reference table knows."""
    return [(code, kind_name(code)) for code in names.kinds(session) if code != "*"]


def medium_choices(session: Session) -> Sequence[tuple[str, str]]:
    """Media that the enterprise has a code for."""
    return [(named.key, named.en if i18n.language() == "en" else named.zh) for _, named in _once(session)]


def medium_code_choices(session: Session) -> Sequence[tuple[str, str]]:
    """The enterprise's medium codes with their media."""
    english = i18n.language() == "en"
    return [(code, f"{code} {named.en if english else named.zh}") for code, named in names.own_media(session)]


def _once(session: Session) -> Sequence[tuple[str, names.Named]]:
    return list({named.key: (code, named) for code, named in names.own_media(session)}.values())


def hazard_name(number: int) -> str:
    """What a hazard's number stands for; one that the reference table has no longer is its key."""
    if "hazards" not in g:
        g.hazards = names.hazards(g.session)
    named = g.hazards.get(number)
    if named is None:
        return violation_of(number)
    return str(named.en if i18n.language() == "en" else named.zh)


def hazard_choices(session: Session) -> Sequence[tuple[str, str]]:
    """Every hazard that an inspector can name."""
    return [(str(number), hazard_name(number)) for number in names.hazards(session)]
