"""人员: who works here, until when the certificate holds, and the PIN for signing in on a device, declared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.web.module import Action, Column, Field, Filter, Group, Module
from tenants.errors import Invalid
from tenants.permissions import Actor, Permission
from tenants.queries.paging import Found, Wanted
from tenants.queries.staff import FILLING, PINS, StaffLine, names_of_staff, staff_list
from tenants.rules.facts import StampedDate
from tenants.rules.states import DatePrecision
from tenants.services import people
from tenants.services.apply.event import SHANGHAI
from tenants.services.operators import reset_pin

PIN_NAMES = {"set": _l("已设置"), "none": _l("未设置")}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[StaffLine]:
    """A page of workers."""
    return staff_list(session, wanted)


def _pins(_session: Session) -> Sequence[tuple[str, str]]:
    return [(key, str(PIN_NAMES[key])) for key in PINS]


def _set_pin(session: Session, actor: Actor, row_id: UUID, values: Mapping[str, Any]) -> None:
    reset_pin(session, actor, row_id, values["pin"], datetime.now(UTC))


def _add(session: Session, actor: Actor, values: Mapping[str, Any]) -> None:
    kinds = tuple(dict.fromkeys(part for part in re.split(r"[、,，;；\s]+", values["kinds"]) if part))
    people.add_staff(
        session, actor, [people.NewStaff(values["code"], values["name"], kinds, certificates=_held(values))]
    )


def _held(values: Mapping[str, Any]) -> tuple[people.NewCertificate, ...]:
    until: StampedDate | None = values["certified_until"]
    if until is None and not values["certificate_no"]:
        return ()
    if until is None or until.precision is not DatePrecision.DAY:
        raise Invalid(fields={"certified_until": gettext("有证的请填到日，例如 2028-05-12")})
    return (people.NewCertificate(FILLING, until.on, values["certificate_no"]),)


def _leave(session: Session, actor: Actor, row_id: UUID, _values: Mapping[str, Any]) -> None:
    people.set_left(session, actor, row_id, datetime.now(SHANGHAI).date())


def _come_back(session: Session, actor: Actor, row_id: UUID, _values: Mapping[str, Any]) -> None:
    people.set_left(session, actor, row_id, None)


GROUPS = (
    Group(title=_l("人员"), fields=(
        Field(key="code", title=_l("工号"), must=True, longest=20, hint=_l("设备上报时用它说明是谁操作的")),
        Field(key="name", title=_l("姓名"), must=True, longest=40),
        Field(key="kinds", title=_l("作业"), must=True, longest=60, hint=_l("例如 充装、检查，用顿号分开")),
    )),
    Group(title=_l("充装作业证"), fields=(
        Field(key="certificate_no", title=_l("证书编号"), longest=40, hint=_l("不充装的留空")),
        Field(key="certified_until", title=_l("有效期至"), kind="stamp", hint=_l("填到日，当天仍有效")),
    )),
)  # fmt: skip
ACTIONS = (
    Action(key="pin", title=_l("重置 PIN"), icon="key", bulk=False, applies=lambda row: row.left_on is None, run=_set_pin,
           warning=_l("手持机登录用。原 PIN 立即失效，错误次数清零；请当面告知本人。"),
           fields=(Field(key="pin", title=_l("新 PIN"), must=True, longest=8, hint=_l("4 至 8 位数字，不能相同或连续")),)),
    Action(key="leave", title=_l("离职"), icon="logout", grave=True, run=_leave,
           warning=_l("今天是最后一天，明天起不能再以此工号作业。历史记录保留，可以复职。"),
           applies=lambda row: row.left_on is None, fields=()),
    Action(key="return", title=_l("复职"), icon="user-plus", warning=_l("恢复工号，充装证仍按登记的有效期算。"),
           run=_come_back, applies=lambda row: row.left_on is not None, fields=()),
)  # fmt: skip

MODULE = Module(
    key="staff",
    title=_l("人员"),
    icon="users",
    one=_l("人员"),
    read=Permission.STAFF_READ,
    write=Permission.STAFF_WRITE,
    columns=(
        Column(key="code", title=_l("工号"), sort="code"),
        Column(key="name", title=_l("姓名"), sort="name"),
        Column(key="kinds", title=_l("作业"), show="words", plain=lambda row: "、".join(row.kinds)),
        Column(key="certified_until", title=_l("充装证有效期至"), show="date"),
        Column(key="pin_set_at", title=_l("手持机 PIN"), show="pin"),
        Column(key="left_on", title=_l("离职日期"), show="date"),
    ),
    rows=rows,
    filters=(Filter(key="pin", title=_l("手持机 PIN"), choices=_pins),),
    search=_l("输入工号或姓名"),
    groups=GROUPS,
    add_title=_l("新增人员"),
    add=_add,
    actions=ACTIONS,
    pick=names_of_staff,
    empty=_l("登记充装、检查和配送人员，他们的工号随每次操作记录。"),
)
