"""监察记录: what inspectors found, declared for the authority's desk, for inspectors and for the enterprise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.i18n import name_of
from portal.web import names
from portal.web.module import Column, Filter, Module
from tenants.permissions import Actor, Permission
from tenants.queries import findings as queries
from tenants.queries.findings import PERIODS, FindingLine, Standing
from tenants.queries.paging import Found, Wanted
from tenants.rules.states import Disposition

STANDINGS = {
    Standing.STANDS: _l("未解除"),
    Standing.ENDED: _l("已解除"),
    Standing.NOTED: _l("仅记录"),
    Standing.LIFTING: _l("予以解除"),
}
TONES = {Standing.STANDS: "is-stop", Standing.ENDED: "is-ok", Standing.NOTED: "", Standing.LIFTING: "is-ok"}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[FindingLine]:
    """A page of what the wall lets this desk see."""
    return queries.finding_list(session, datetime.now(UTC), wanted)


def standing_name(standing: Standing) -> str:
    """In the reader's language."""
    return str(STANDINGS[standing])


def _standings(_session: Session) -> Sequence[tuple[str, str]]:
    return [(key.value, str(name)) for key, name in STANDINGS.items()]


def _dispositions(_session: Session) -> Sequence[tuple[str, str]]:
    return [(each.value, name_of(each)) for each in Disposition]


def _periods(_session: Session) -> Sequence[tuple[str, str]]:
    return [(str(days), gettext("最近 %(days)d 天", days=days)) for days in PERIODS]


_PLACES = (
    Column(key="enterprise", title=_l("充装单位"), sort="enterprise"),
    Column(key="place", title=_l("区划")),
)
_PLACE_FILTERS = (
    Filter(key="district", title=_l("区划"), choices=queries.places_found),
    Filter(key="enterprise", title=_l("充装单位"), choices=queries.enterprises_found),
)
_INSPECTOR = (Column(key="inspector", title=_l("监察员")),)


def _columns(*, above: bool) -> tuple[Column, ...]:
    return (
        Column(key="at", title=_l("时间"), show="finding", sort="at"),
        Column(key="standing", title=_l("现状"), show="standing", plain=lambda row: standing_name(row.standing)),
        Column(key="disposition", title=_l("处置"), show="name"),
        Column(key="hazard", title=_l("隐患"), show="hazard", sort="hazard", plain=lambda row: names.hazard_name(row.hazard)),
        Column(key="serial_no", title=_l("气瓶出厂编号"), show="found_at"),
        *(_PLACES if above else ()),
        Column(key="words", title=_l("说明"), show="brief"),
        Column(key="office", title=_l("作出机关")),
        *(_INSPECTOR if above else ()),
        Column(key="label_code", title=_l("标签编码"), show="code"),
    )  # fmt: skip


def _module(key: str, read: Permission, empty: Any, *, at: str = "", above: bool = True) -> Module:
    choices: Callable[[Session], Sequence[tuple[str, str]]] = _periods
    return Module(
        key=key,
        at=at,
        title=_l("监察记录"),
        icon="clipboard-text",
        one=_l("监察结果"),
        read=read,
        write=read,
        columns=_columns(above=above),
        rows=rows,
        filters=(
            Filter(key="standing", title=_l("现状"), choices=_standings),
            Filter(key="disposition", title=_l("处置"), choices=_dispositions),
            Filter(key="hazard", title=_l("隐患"), choices=names.hazard_choices),
            *(_PLACE_FILTERS if above else ()),
            Filter(key="days", title=_l("期间"), choices=choices),
        ),
        search=_l("扫描标签，或输入 17 位编码、出厂编号"),
        detail=f"findings.{key}_one",
        empty=empty,
    )


OWN = _module(
    "findings", Permission.FINDINGS_READ, _l("监察员检查本单位气瓶后，结果会显示在这里。"), above=False
)
DISTRICT = _module(
    "authority_findings",
    Permission.DISTRICT_FINDINGS,
    _l("监察员在辖区内登记后会显示在这里。"),
    at="/authority/findings",
)
FIELD = _module(
    "inspector_findings",
    Permission.FIELD_FINDINGS,
    _l("查到气瓶后，在它的页面上登记。"),
    at="/inspector/findings",
)
