"""手持机与读写设备: what is there, how it is, and what its manager must decide, declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.web.module import REASON, Action, Column, Field, Filter, Module
from tenants.permissions import Actor, Permission
from tenants.queries.device_gaps import gaps
from tenants.queries.device_lines import STATES, DeviceLine, device_list, held_events, names_of
from tenants.queries.paging import Found, Wanted
from tenants.services import devices as services

STATE_NAMES = {
    "active": _l("正常"),
    "silent": _l("失联"),
    "never_seen": _l("未使用"),
    "revoked": _l("已吊销"),
}
TONES = {"active": "is-ok", "silent": "is-stop", "never_seen": "is-run", "revoked": ""}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[DeviceLine]:
    """A page of devices."""
    return device_list(session, wanted, datetime.now(UTC))


def extras(session: Session) -> Mapping[str, Any]:
    """What is missing, and what waits for a decision."""
    return {"gaps": gaps(session), "held": held_events(session)}


def state_name(state: str) -> str:
    """The word for a device's state."""
    return str(STATE_NAMES[state])


def _states(_session: Session) -> Sequence[tuple[str, str]]:
    return [(state, state_name(state)) for state in STATES]


def _in_use(row: DeviceLine) -> bool:
    return row.state != "revoked"


ACTIONS = (
    Action(key="rename", title=_l("改名"), icon="edit", warning=_l("名称显示在记录和报表中。"), bulk=False, applies=_in_use,
           fields=(Field(key="name", title=_l("名称"), must=True, longest=64),),
           run=lambda session, actor, row_id, values: services.rename_device(session, actor, row_id, values["name"])),
    Action(key="revoke", title=_l("吊销"), icon="ban", grave=True, applies=_in_use, fields=(REASON,),
           warning=_l("吊销后该设备不能再使用；吊销前的记录补传时先隔离，由您决定是否采纳。"),
           run=lambda session, actor, row_id, values: services.revoke_device(session, actor, row_id, values["reason"])),
)  # fmt: skip

MODULE = Module(
    key="devices",
    title=_l("设备"),
    icon="device-mobile",
    one=_l("设备"),
    read=Permission.DEVICES_READ,
    write=Permission.DEVICES_WRITE,
    columns=(
        Column(key="name", title=_l("名称"), sort="name"),
        Column(key="role", title=_l("岗位"), show="name"),
        Column(key="state", title=_l("状态"), show="device_state", tones=TONES, plain=lambda row: state_name(row.state)),
        Column(key="last_seen_at", title=_l("最近在线"), show="time", sort="last_seen_at"),
        Column(key="battery", title=_l("电量"), unit="%", show="number", right=True),
        Column(key="app_version", title=_l("程序版本")),
        Column(key="model", title=_l("型号")),
        Column(key="created_at", title=_l("登记时间"), show="time", sort="created_at"),
    ),
    rows=rows,
    filters=(Filter(key="state", title=_l("状态"), choices=_states),),
    search=_l("输入设备名称"),
    actions=ACTIONS,
    pick=names_of,
    empty=_l("先获取注册码，再用手持机扫码注册。"),
    extra="devices/panel.html",
    extras=extras,
)  # fmt: skip
