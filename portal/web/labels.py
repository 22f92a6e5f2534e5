"""气瓶标签发卡管理: labels, binding, loss and replacement, and the issue rate (发卡率), declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.i18n import name_of
from portal.web import names
from portal.web.label_runs import kinds
from portal.web.module import REASON, Action, Column, Field, Filter, Module
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Label
from tenants.permissions import Actor, Permission
from tenants.queries.labels import LabelLine, label_figures, label_list
from tenants.queries.paging import Found, Wanted
from tenants.rules.codes import MalformedCode, parse_scan
from tenants.rules.states import LabelState
from tenants.sentences import say
from tenants.services import labels as services
from tenants.services.cylinders import find_by_serial

TONES = {"bound": "is-ok", "issued": "is-run", "lost": "is-stop", "void": ""}
HINTS = {
    "out_of_use": say("已报废或注销的气瓶不能绑定标签"),
    "label_on_two_cylinders": say("标签已绑定在另一只气瓶上"),
    "label_void": say("已挂失或作废的标签不能再用"),
}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[LabelLine]:
    """A page of labels."""
    return label_list(session, g.person.district, g.person.enterprise, wanted)


def extras(session: Session) -> Mapping[str, Any]:
    """The figures above the list."""
    return {"figures": label_figures(session)}


def pick(session: Session, ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
    """Codes of chosen labels; another enterprise's are not found."""
    return [
        (row[0], row[1]) for row in session.execute(select(Label.id, Label.code).where(Label.id.in_(ids)))
    ]


def bind(session: Session, actor: Actor, label_id: UUID, values: Mapping[str, Any]) -> object:
    """Bind to the cylinder with this serial number."""
    cylinder_id = find_by_serial(session, values["serial_no"])
    return _said(
        lambda: services.bind_label(
            session, actor, _code(session, label_id), cylinder_id, uid=values["uid"] or None
        )
    )


def replace(session: Session, actor: Actor, label_id: UUID, values: Mapping[str, Any]) -> object:
    """Put another label onto the cylinder; this one is void."""
    old = session.get(Label, (actor.tenant_id, label_id))
    if old is None:
        raise NotFound
    if old.cylinder_id is None:
        raise Conflict(say("标签没有绑定在气瓶上"))
    cylinder_id = old.cylinder_id
    try:
        new = parse_scan(values["new_code"], g.person.district).code
    except MalformedCode as problem:
        raise Invalid(fields={"new_code": say(problem.zh)}) from None
    try:
        return _said(
            lambda: services.bind_label(
                session, actor, new, cylinder_id, replaces=old.code, reason=values["reason"]
            )
        )
    except NotFound:
        raise Invalid(fields={"new_code": say("本单位没有这个标签")}) from None


def _retire(state: LabelState) -> Any:
    return lambda session, actor, row_id, values: _said(
        lambda: services.retire_label(session, actor, _code(session, row_id), state, values["reason"])
    )


def _said(work: Any) -> object:
    """What the service refuses, in words for this page."""
    try:
        return work()
    except Conflict as problem:
        hint = problem.details.get("code_hint")
        raise (Conflict(HINTS[hint]) if hint in HINTS else problem) from None


def _code(session: Session, label_id: UUID) -> str:
    code = session.scalar(select(Label.code).where(Label.id == label_id))
    if code is None:
        raise NotFound
    return code


def _in(*states: LabelState) -> Any:
    return lambda row: row.state in states


def _states(_session: Session) -> Sequence[tuple[str, str]]:
    return [*((state.value, name_of(state)) for state in LabelState), ("disputed", str(_l("有争议")))]


ACTIONS = (
    Action(key="bind", title=_l("绑定"), icon="link", warning=_l("绑定后自动生成发卡记录。请先核对钢印。"), bulk=False,
           run=bind, applies=_in(LabelState.ISSUED), fields=(
               Field(key="serial_no", title=_l("气瓶出厂编号"), must=True, longest=40),
               Field(key="uid", title=_l("电子标签 UID"), longest=32, hint=_l("没有电子标签的留空")),
           )),
    Action(key="replace", title=_l("换标"), icon="replace", warning=_l("新标签绑定到同一只气瓶，原标签作废。"), bulk=False,
           run=replace, applies=_in(LabelState.BOUND), fields=(
               Field(key="new_code", title=_l("新标签编码"), must=True, longest=120, hint=_l("可直接扫描")), REASON,
           )),
    Action(key="lose", title=_l("挂失"), icon="alert-triangle", warning=_l("挂失后该标签不能再用，气瓶换标前不得充装。"), grave=True,
           run=_retire(LabelState.LOST), applies=_in(LabelState.ISSUED, LabelState.BOUND)),
    Action(key="void", title=_l("作废"), icon="ban", warning=_l("作废后该编码永不再用。"), grave=True,
           run=_retire(LabelState.VOID), applies=_in(LabelState.ISSUED, LabelState.BOUND)),
)  # fmt: skip

MODULE = Module(
    key="labels",
    title=_l("标签发卡"),
    icon="tags",
    one=_l("标签"),
    read=Permission.LABELS_READ,
    write=Permission.LABELS_WRITE,
    columns=(
        Column(key="code", title=_l("标签编码"), show="code", sort="code"),
        Column(key="kind", title=_l("标签种类"), show="name"),
        Column(key="state", title=_l("状态"), show="label_state", tones=TONES),
        Column(key="serial_no", title=_l("气瓶出厂编号"), show="cylinder"),
        Column(key="bound_at", title=_l("绑定时间"), show="time", sort="bound_at"),
        Column(key="uid", title=_l("电子标签 UID"), show="code"),
    ),
    rows=rows,
    filters=(
        Filter(key="state", title=_l("状态"), choices=_states),
        Filter(key="medium_code", title=_l("介质代码"), choices=names.medium_code_choices),
        Filter(key="kind", title=_l("标签种类"), choices=kinds),
    ),
    search=_l("扫描标签，或输入编码、UID"),
    actions=ACTIONS,
    pick=pick,
    empty=_l("先制发一批标签，再绑定到气瓶。"),
    extra="labels/figures.html",
    extras=extras,
)  # fmt: skip
