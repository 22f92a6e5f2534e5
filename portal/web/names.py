"""Names of media and kinds of cylinder in the reader's language, fetched once a request."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from flask_babel import LazyString, lazy_gettext
from sqlalchemy.orm import Session

from portal import i18n
from tenants.queries import names

KINDS: dict[str, LazyString] = {
    "2310": lazy_gettext("钢质无缝气瓶"),
    "2310AL": lazy_gettext("铝合金无缝气瓶"),
    "2320": lazy_gettext("钢质焊接气瓶"),
    "2320DME": lazy_gettext("液化二甲醚钢瓶"),
    "2320LPG": lazy_gettext("液化石油气钢瓶"),
    "2320LPG50": lazy_gettext("液化石油气钢瓶（50 kg）"),
    "23T0C2H2": lazy_gettext("溶解乙炔气瓶"),
    "23T0DPL": lazy_gettext("焊接绝热气瓶"),
    "23T0FRP": lazy_gettext("金属内胆纤维缠绕气瓶"),
    "23T0LNGV": lazy_gettext("车用液化天然气气瓶"),
    "23T0LPGF": lazy_gettext("液化石油气纤维缠绕气瓶"),
    "23T0SCBA": lazy_gettext("呼吸器用复合气瓶"),
    "BUNDLE": lazy_gettext("气瓶集束装置"),
    "FIRE": lazy_gettext("消防灭火用气瓶"),
    "FIREN2": lazy_gettext("消防驱动氮气瓶"),
    "NONREFILL": lazy_gettext("非重复充装焊接气瓶"),
    "VCNG1": lazy_gettext("车用压缩天然气钢瓶（CNG-1）"),
    "VCNG2": lazy_gettext("车用压缩天然气缠绕气瓶（CNG-2/3/4）"),
    "VH2": lazy_gettext("车用氢气缠绕气瓶"),
    "VLPG": lazy_gettext("车用液化石油气钢瓶"),
}


def kind_name(code: str) -> str:
    """The name of a kind; one that was added to the reference table has its Chinese name or its code."""
    if code in KINDS:
        return i18n.remembered(("kind", code), lambda: str(KINDS[code]))
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
