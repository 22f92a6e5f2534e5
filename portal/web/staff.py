"""人员: who works here, until when the certificate holds, and the PIN for signing in on a device, declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.web.module import Action, Column, Field, Filter, Module
from tenants.permissions import Actor, Permission
from tenants.queries.paging import Found, Wanted
from tenants.queries.staff import PINS, StaffLine, names_of_staff, staff_list
from tenants.services.operators import reset_pin

PIN_NAMES = {"set": _l("已设置"), "none": _l("未设置")}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[StaffLine]:
    """A page of workers."""
    return staff_list(session, wanted)


def _pins(_session: Session) -> Sequence[tuple[str, str]]:
    return [(key, str(PIN_NAMES[key])) for key in PINS]


def _set_pin(session: Session, actor: Actor, row_id: UUID, values: Mapping[str, Any]) -> None:
    reset_pin(session, actor, row_id, values["pin"], datetime.now(UTC))


ACTIONS = (
    Action(key="pin", title=_l("重置 PIN"), icon="key", bulk=False, applies=lambda row: row.left_on is None, run=_set_pin,
           warning=_l("手持机登录用。原 PIN 立即失效，错误次数清零；请当面告知本人。"),
           fields=(Field(key="pin", title=_l("新 PIN"), must=True, longest=8, hint=_l("4 至 8 位数字，不能相同或连续")),)),
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
    actions=ACTIONS,
    pick=names_of_staff,
    empty=_l("还没有登记人员。"),
)
