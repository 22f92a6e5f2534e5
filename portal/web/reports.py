"""投诉举报: what citizens reported, declared for the authority's desk, for inspectors and for the enterprise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.i18n import name_of
from portal.web.module import Column, Filter, Module
from tenants.permissions import Actor, Permission
from tenants.queries import reports as queries
from tenants.queries.paging import Found, Wanted
from tenants.queries.reports import PERIODS, ReportLine
from tenants.rules.reports import ReportKind, ReportMatter, ReportState

TONES = {
    ReportState.RECEIVED: "is-warn",
    ReportState.ACCEPTED: "is-warn",
    ReportState.ANSWERED: "is-ok",
    ReportState.CLOSED: "is-ok",
}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[ReportLine]:
    """A page of what the wall lets this desk see."""
    return queries.report_list(session, datetime.now(UTC), wanted)


def _named(values: type[StrEnum]) -> Callable[[Session], Sequence[tuple[str, str]]]:
    return lambda _: [(value.value, name_of(value)) for value in values]


def _clocks(_session: Session) -> Sequence[tuple[str, str]]:
    return [("late", gettext("已超期限"))]


def _periods(_session: Session) -> Sequence[tuple[str, str]]:
    return [(str(days), gettext("最近 %(days)d 天", days=days)) for days in PERIODS]


def _columns(*, above: bool) -> tuple[Column, ...]:
    places = (Column(key="whom", title=_l("充装单位或区划")),)
    return (
        Column(key="number", title=_l("编号"), show="report", sort="number"),
        Column(key="at", title=_l("收到时间"), show="time", sort="at"),
        Column(key="state", title=_l("办理状态"), show="state", tones=TONES),
        Column(key="due_on", title=_l("法定期限"), show="report_clock"),
        Column(key="kind", title=_l("类别"), show="name"),
        Column(key="matter", title=_l("问题"), show="name"),
        Column(key="label_code", title=_l("标签编码"), show="code"),
        *(places if above else ()),
        Column(key="words", title=_l("内容"), show="brief"),
    )


def _module(key: str, read: Permission, empty: Any, *, at: str = "", above: bool = True) -> Module:
    places = (
        Filter(key="district", title=_l("区划"), choices=queries.places_reported),
        Filter(key="enterprise", title=_l("充装单位"), choices=queries.enterprises_reported),
    )
    return Module(
        key=key,
        at=at,
        title=_l("投诉举报"),
        icon="message-report",
        one=_l("投诉举报"),
        read=read,
        write=read,
        columns=_columns(above=above),
        rows=rows,
        filters=(
            Filter(key="state", title=_l("办理状态"), choices=_named(ReportState)),
            Filter(key="clock", title=_l("法定期限"), choices=_clocks),
            Filter(key="kind", title=_l("类别"), choices=_named(ReportKind)),
            Filter(key="matter", title=_l("问题"), choices=_named(ReportMatter)),
            *(places if above else ()),
            Filter(key="days", title=_l("期间"), choices=_periods),
        ),
        search=_l("投诉举报编号，或 17 位标签编码"),
        detail=f"reports_desk.{key}_one",
        empty=empty,
    )


OWN = _module("reports", Permission.OWN_REPORTS, _l("群众扫码投诉本单位气瓶后，会显示在这里。"), above=False)
DISTRICT = _module(
    "authority_reports",
    Permission.DISTRICT_REPORTS,
    _l("群众扫码投诉举报辖区内的气瓶后，会显示在这里。"),
    at="/authority/reports",
)
FIELD = _module(
    "inspector_reports",
    Permission.FIELD_REPORTS,
    _l("群众扫码投诉举报辖区内的气瓶后，会显示在这里。"),
    at="/inspector/reports",
)
