"""气瓶信息档案管理: the cylinder archive, declared. The first of the enterprise's modules and the pattern for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import frames
from portal.i18n import name_of
from portal.web import names
from portal.web.module import Action, Column, Field, Filter, Group, Importing, Module
from tenants.models import Cylinder
from tenants.permissions import Actor, Permission
from tenants.queries.cylinders import CylinderLine, cylinder_list
from tenants.queries.paging import Found, Wanted
from tenants.rules.states import CylinderStatus, Ownership, Stage
from tenants.services import cylinders as services
from tenants.services.cylinder_form import CylinderForm, form_of
from tenants.services.imports.cylinders import CYLINDERS

TONES = {"in_use": "is-ok", "suspended": "is-warn", "cancelled": "", "scrapped": "is-stop"}
STAGE_TONES = {"full_stored": "is-ok", "checked": "is-run", "out": "is-run", "delivered": "is-run"}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[CylinderLine]:
    """A page of the archive."""
    return cylinder_list(session, g.person.district, g.person.enterprise, frames.today(), wanted)


def load(session: Session, cylinder_id: UUID) -> tuple[Mapping[str, Any], int]:
    """What the archive holds, and its version."""
    cylinder = services.get_cylinder(session, cylinder_id)
    form = form_of(cylinder)
    return {field.name: getattr(form, field.name) for field in fields(form)}, cylinder.row_version


def pick(session: Session, ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
    """Serial numbers of chosen cylinders; another enterprise's are not found."""
    return [
        (row[0], row[1])
        for row in session.execute(select(Cylinder.id, Cylinder.serial_no).where(Cylinder.id.in_(ids)))
    ]


def _one_of(values: type[StrEnum]) -> Any:
    return lambda _session: [(value.value, name_of(value)) for value in values]


def _due_choices(_session: Session) -> Sequence[tuple[str, str]]:
    return [("overdue", str(_l("超期未检"))), ("soon", str(_l("60 天内到期"))), ("unknown", str(_l("未填")))]


def _label_choices(_session: Session) -> Sequence[tuple[str, str]]:
    return [("with", str(_l("有标签"))), ("without", str(_l("无标签")))]


def _becomes(status: CylinderStatus) -> Any:
    return lambda session, actor, row_id, values: services.change_status(
        session, actor, row_id, status, values["reason"]
    )


def _from(status: CylinderStatus) -> Any:
    return lambda row: status in services.MAY_BECOME[row.status]


def _date(name: str) -> Any:
    return lambda row: frames.day(getattr(row, f"{name}_on"), getattr(row, f"{name}_precision"))


COLUMNS = (
    Column(key="labels", title=_l("标签"), show="codes"),
    Column(key="serial_no", title=_l("出厂编号"), show="link", sort="serial_no"),
    Column(key="kind_code", title=_l("品种"), show="kind", plain=lambda row: names.kind_name(row.kind_code)),
    Column(
        key="medium_id", title=_l("介质"), show="medium", plain=lambda row: names.medium_name(row.medium_id)
    ),
    Column(
        key="next_inspection",
        title=_l("下次检验"),
        show="due",
        sort="next_inspection",
        plain=_date("next_inspection"),
    ),
    Column(key="status", title=_l("状态"), show="state", sort="status", tones=TONES),
    Column(key="stage", title=_l("环节"), show="state", tones=STAGE_TONES),
    Column(key="filled_at", title=_l("最近充装"), show="time", sort="filled_at"),
    Column(key="maker", title=_l("制造单位")),
    Column(key="made", title=_l("制造年月"), show="stamp", plain=_date("made")),
    Column(key="end_of_life", title=_l("使用年限至"), show="stamp", plain=_date("end_of_life")),
    Column(key="registration_no", title=_l("使用登记证号")),
)
GROUPS = (
    Group(title=_l("钢印"), fields=(
        Field(key="serial_no", title=_l("出厂编号"), must=True, longest=40),
        Field(key="maker", title=_l("制造单位"), longest=80),
        Field(key="kind_code", title=_l("品种"), kind="select", must=True, choices=names.kind_choices),
        Field(key="medium_id", title=_l("充装介质"), kind="select", must=True, choices=names.medium_choices),
        Field(key="made", title=_l("制造日期"), kind="stamp", hint=_l("按钢印填到月或到日")),
        Field(key="end_of_life", title=_l("设计使用年限至"), kind="stamp"),
        Field(key="volume_l", title=_l("公称容积"), kind="number", unit="L"),
        Field(key="nominal_pressure_mpa", title=_l("公称工作压力"), kind="number", unit="MPa"),
        Field(key="tare_kg", title=_l("空瓶质量"), kind="number", unit="kg"),
        Field(key="max_fill_kg", title=_l("最大充装量"), kind="number", unit="kg"),
        Field(key="porosity", title=_l("填料孔隙率"), kind="number", hint=_l("仅溶解乙炔气瓶")),
    )),
    Group(title=_l("检验"), fields=(
        Field(key="last_inspection", title=_l("上次检验"), kind="stamp"),
        Field(key="next_inspection", title=_l("下次检验"), kind="stamp", hint=_l("只填到月的，当月最后一天仍有效")),
        Field(key="valve_end_of_life", title=_l("瓶阀使用年限至"), kind="stamp"),
    )),
    Group(title=_l("登记"), fields=(
        Field(key="registration_no", title=_l("使用登记证号"), longest=60, hint=_l("未登记的气瓶不得充装")),
        Field(key="ownership", title=_l("产权"), kind="select", must=True, choices=_one_of(Ownership), convert=Ownership),
        Field(key="note", title=_l("备注"), kind="area", longest=500),
    )),
)  # fmt: skip
ACTIONS = (
    Action(key="suspend", title=_l("停用"), icon="player-pause", warning=_l("停用后不得充装，可以恢复使用。"),
           run=_becomes(CylinderStatus.SUSPENDED), applies=_from(CylinderStatus.SUSPENDED)),
    Action(key="resume", title=_l("恢复使用"), icon="player-play", warning=_l("只有停用的气瓶可以恢复使用。"),
           run=_becomes(CylinderStatus.IN_USE), applies=_from(CylinderStatus.IN_USE)),
    Action(key="cancel", title=_l("注销"), icon="ban", warning=_l("注销后不得充装，也不能恢复使用。历史记录保留。"), grave=True,
           run=_becomes(CylinderStatus.CANCELLED), applies=_from(CylinderStatus.CANCELLED)),
    Action(key="scrap", title=_l("报废"), icon="trash", warning=_l("报废后不得充装，不能恢复，标签同时作废。历史记录保留。"), grave=True,
           run=_becomes(CylinderStatus.SCRAPPED), applies=_from(CylinderStatus.SCRAPPED)),
)  # fmt: skip

MODULE = Module(
    key="cylinders",
    title=_l("气瓶档案"),
    icon="cylinder",
    one=_l("气瓶"),
    read=Permission.CYLINDERS_READ,
    write=Permission.CYLINDERS_WRITE,
    columns=COLUMNS,
    rows=rows,
    filters=(
        Filter(key="status", title=_l("状态"), choices=_one_of(CylinderStatus)),
        Filter(key="due", title=_l("检验"), choices=_due_choices),
        Filter(key="medium", title=_l("介质"), choices=names.medium_choices),
        Filter(key="kind", title=_l("品种"), choices=names.kind_choices),
        Filter(key="stage", title=_l("环节"), choices=_one_of(Stage)),
        Filter(key="ownership", title=_l("产权"), choices=_one_of(Ownership)),
        Filter(key="label", title=_l("标签"), choices=_label_choices),
    ),
    search=_l("扫描标签，或输入编码、出厂编号"),
    groups=GROUPS,
    add_title=_l("新增气瓶"),
    add=lambda session, actor, values: services.add_cylinder(session, actor, CylinderForm(**values)),
    load=load,
    edit=lambda session, actor, row_id, values, version: services.edit_cylinder(
        session, actor, row_id, CylinderForm(**values), version
    ),
    importing=Importing(CYLINDERS, Permission.CYLINDERS_IMPORT),
    actions=ACTIONS,
    pick=pick,
    detail="cylinder.detail",
    empty=_l("气瓶建档后才能绑定标签、检查和充装。"),
)
