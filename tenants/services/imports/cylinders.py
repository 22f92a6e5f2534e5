"""The cylinder archive as a spreadsheet: our own template, and the table in which enterprises have kept it so far.

A row becomes a cylinder under the rules of the archive's form, and a label that it names is bound as the label service binds it.
What a legal fill needs and a row lacks is told and stops nobody: the archive takes such a cylinder, and the fill is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Label, Tenant
from tenants.permissions import Actor
from tenants.rules.codes import MalformedCode, ScanProblem, parse_scan
from tenants.rules.facts import StampedDate
from tenants.rules.states import LabelState, Names, Ownership
from tenants.rules.vessels import KINDS
from tenants.sentences import Sentence, say
from tenants.services import cylinder_form
from tenants.services.cylinder_form import CylinderForm, columns_of, known_today, problems_of
from tenants.services.imports import cylinder_names, cylinder_rows, values
from tenants.services.imports.cylinder_names import LOOSE_KINDS, kinds_by_name, media_by_name, plain_name
from tenants.services.imports.problems import Problem
from tenants.services.imports.template import Hindrance, ImportColumn, LeftOut, Row

PICK = say("从模板的下拉列表中选一个")
OWNERSHIP = {
    "自有": Ownership.OWN, "托管": Ownership.ENTRUSTED, "外来": Ownership.FOREIGN,
    "Own": Ownership.OWN, "Entrusted": Ownership.ENTRUSTED, "Foreign": Ownership.FOREIGN,
    **{one.value: one for one in Ownership},
}  # fmt: skip
NOT_IN_USE = frozenset({"停用", "已停用", "注销", "已注销", "报废", "已报废", "判废", "已判废", "报废瓶"})
KEPT_AS_NOTE = {"customer": "客户名称", "warehouse": "所在仓库", "use_state": "使用状态"}
_LENGTH = re.compile(r"[0-9]+")

COLUMNS = (
    ImportColumn(key="serial_no", names=Names("出厂编号", "Serial number"), aliases=("瓶号", "钢瓶编号", "气瓶编号"), parse=values.code,
                 example="131475088", must=True, hint=say("按钢印填写；同一制造单位不重复")),
    ImportColumn(key="maker", names=Names("制造单位", "Maker"), aliases=("制造厂", "生产厂家", "制造商"), parse=values.text,
                 example="某某压力容器有限公司"),
    ImportColumn(key="kind_code", names=Names("设备品种", "Kind of cylinder"), aliases=("品种", "气瓶品种", "气瓶类型"),
                 parse=values.text, example="钢质无缝气瓶", must=True, hint=PICK),
    ImportColumn(key="medium_id", names=Names("充装介质", "Medium"), aliases=("介质", "气体"), parse=values.text, example="氮气", must=True,
                 hint=PICK),
    ImportColumn(key="label", names=Names("标签号", "Label"), aliases=("标签", "标签编号", "追溯码", "二维码编号"), parse=values.code,
                 example="37050200106000026", hint=say("17 位，或本区划的 11 位；须是本单位已制发、未使用的标签")),
    ImportColumn(key="registration_no", names=Names("使用登记证号", "Registration number"), aliases=("使用登记证编号", "登记证号"),
                 parse=values.code, example="瓶10鲁E00001(22)"),
    ImportColumn(key="ownership", names=Names("产权", "Ownership"), aliases=("产权性质",),
                 parse=values.one_of(OWNERSHIP, say("填写自有、托管或外来")), example="自有", hint=say("不填按自有")),
    ImportColumn(key="made", names=Names("制造日期", "Made"), aliases=("制造年月", "出厂日期", "生产日期"), parse=values.stamp,
                 example="2020-05", hint=say("按钢印填到月或到日")),
    ImportColumn(key="last_inspection", names=Names("上次检验", "Last inspection"), aliases=("检验日期", "上次检验日期"),
                 parse=values.stamp, example="2024-03"),
    ImportColumn(key="next_inspection", names=Names("下次检验", "Next inspection"), aliases=("下次检验日期", "检验有效期", "检验有效期至"),
                 parse=values.stamp, example="2029-03", hint=say("只填到月的，当月最后一天仍有效")),
    ImportColumn(key="end_of_life", names=Names("设计使用年限至", "End of service life"), aliases=("使用年限至", "报废日期"),
                 parse=values.stamp, example="2050-05"),
    ImportColumn(key="valve_end_of_life", names=Names("瓶阀使用年限至", "Valve's end of life"), aliases=("瓶阀有效期",), parse=values.stamp,
                 example="2028-05"),
    ImportColumn(key="volume_l", names=Names("公称容积(L)", "Volume (L)"), aliases=("容积",), parse=values.number, example="40"),
    ImportColumn(key="nominal_pressure_mpa", names=Names("公称工作压力(MPa)", "Nominal pressure (MPa)"), aliases=("公称压力", "工作压力"),
                 parse=values.number, example="15"),
    ImportColumn(key="tare_kg", names=Names("空瓶质量(kg)", "Empty weight (kg)"), aliases=("空瓶重量", "瓶重", "皮重"), parse=values.number,
                 example="48.5"),
    ImportColumn(key="max_fill_kg", names=Names("最大充装量(kg)", "Largest fill (kg)"), aliases=("充装量",), parse=values.number),
    ImportColumn(key="porosity", names=Names("填料孔隙率", "Porosity"), aliases=("孔隙率",), parse=values.number,
                 hint=say("仅溶解乙炔气瓶，例如 0.91")),
    ImportColumn(key="note", names=Names("备注", "Note"), parse=values.text),
    ImportColumn(key="customer", names=Names("客户名称", "Customer"), aliases=("客户",), parse=values.text, own=False),
    ImportColumn(key="warehouse", names=Names("所在仓库", "Warehouse"), aliases=("仓库",), parse=values.text, own=False),
    ImportColumn(key="use_state", names=Names("使用状态", "State of use"), aliases=("状态",), parse=values.text, own=False),
)  # fmt: skip
LEFT_OUT = (LeftOut(Names("操作", "Actions"), (), say("只是原系统的按钮文字")),)
LACKING = (
    "label",
    "registration_no",
    "next_inspection",
    "end_of_life",
)  # without these a fill is refused, or can't be judged


class CylinderImport:
    """The archive's import; see `template.Importer`."""

    kind = "cylinders"
    title = Names("气瓶档案", "Cylinder archive")
    columns: tuple[ImportColumn, ...] = COLUMNS
    left_out: tuple[LeftOut, ...] = LEFT_OUT
    twice: Mapping[str, Callable[[str], Sentence]] = {
        "label": lambda rows: say("同一标签写在了几只气瓶上：第 %(rows)s 行", rows=rows),
        "serial_no": lambda rows: say("同一制造单位的同一出厂编号写了几次：第 %(rows)s 行", rows=rows),
    }

    def judge(self, session: Session) -> CylinderJudge:
        """Whoever looks at the rows of one check."""
        return CylinderJudge(session)

    def choices(self, session: Session) -> Mapping[str, Sequence[str]]:
        """Kinds of the reference table, the enterprise's media, and the kinds of ownership."""
        return cylinder_names.choices(session)

    def conflicts(self, session: Session, run_id: UUID) -> int:
        """Cylinders and labels that somebody else added or used since the check."""
        return cylinder_rows.conflicts(session, run_id)

    def write(self, session: Session, actor: Actor, run_id: UUID, first: int, last: int) -> int:
        """Cylinders, labels bound to them, issue records and events, a few statements for all rows."""
        return cylinder_rows.write(session, actor, run_id, first, last)

    def hindrances(self, session: Session, run_id: UUID, most: int) -> tuple[int, Sequence[Hindrance]]:
        """Cylinders of this import that something has been built on."""
        return cylinder_rows.hindrances(session, run_id, most)

    def remove(self, session: Session, actor: Actor, run_id: UUID) -> int:
        """The cylinders go, their labels are free again, the issue records stay."""
        return cylinder_rows.remove(session, actor, run_id)


class CylinderJudge:
    """Looks at rows with the archive's tables read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known = known_today(session)
        tenant = session.scalars(select(Tenant)).one()
        self.district, self.enterprise = tenant.district, tenant.district + tenant.enterprise
        self.kinds = kinds_by_name(session)
        self.media = media_by_name(session)

    def look(self, rows: Sequence[Row]) -> None:
        """Add problems and claims, and the values of what can be written."""
        forms = [self._form(row) for row in rows]
        labels = self._labels(rows)
        there = self._archived(forms)
        for row, form in zip(rows, forms, strict=True):
            self._look_at_label(row, labels)
            if form is None:
                continue
            row.claims.append(("serial_no", f"{form.serial_no} {form.maker}".strip()))
            if (form.serial_no, form.maker) in there:
                reason = say("档案中已有这只气瓶，没有覆盖")
                row.problems.append(
                    Problem("serial_no", reason, say("从文件中删去这一行，或到档案中修改"), form.serial_no)
                )
            self._warn(row)
            if not row.bad:
                row.values = self._values(row, form)

    def _form(self, row: Row) -> CylinderForm | None:
        """The row as the archive's form, checked by it; None when a needed column can't be read."""
        given, said = row.given, dict(row.given)
        self._name(row, "kind_code", self.kinds)
        self._name(row, "medium_id", self.media)
        if given.get("use_state") in NOT_IN_USE:
            reason, mend = say("原表写明已停用、注销或报废"), say("不导入；确需建档的，先建档再到档案中办理")
            row.problems.append(Problem("use_state", reason, mend, given["use_state"]))
        if not all(key in given for key in ("serial_no", "kind_code", "medium_id")):
            return None
        fields = {key: value for key, value in given.items() if key not in ("label", *KEPT_AS_NOTE)}
        form = CylinderForm(**fields | {"note": _note(given)})
        for name, sentence in problems_of(form, self.known).items():
            row.problems.append(
                Problem(name, sentence, _mend(name), values.as_text(_written(said.get(name))))
            )
        return form

    def _name(self, row: Row, key: str, known: Mapping[str, str]) -> None:
        """What a person calls it → the key that is kept."""
        said = row.given.get(key)
        if said is None:
            return
        found = known.get(plain_name(said))
        if found is None and key == "kind_code" and said in LOOSE_KINDS:
            found = LOOSE_KINDS[said]
            reason = say("“%(said)s”按“%(kind)s”登记", said=said, kind=KINDS[found].zh)
            row.problems.append(Problem(key, reason, say("不是这个品种的，请写明品种"), said, grave=False))
        if found is None:
            reason = say("没有这个品种") if key == "kind_code" else say("本单位介质代码表中没有这个介质")
            row.problems.append(Problem(key, reason, PICK, said))
            del row.given[key]
        else:
            row.given[key] = found

    def _labels(self, rows: Sequence[Row]) -> dict[str, str]:
        """The state of each label that the rows name and the enterprise has."""
        codes = [self._code(row) for row in rows if "label" in row.given]
        wanted = [code for code in codes if code]
        found = select(Label.code, Label.state).where(Label.code.in_(wanted))
        return {row.code: row.state for row in self.session.execute(found)} if wanted else {}

    def _code(self, row: Row) -> str | None:
        """The 17 digits of the label that a row names; a text that is no code is told and never padded."""
        said = row.given["label"]
        try:
            code = parse_scan(said, self.district).code
        except MalformedCode as problem:
            reason, mend = say("不是标签号"), say("填写 17 位标签号")
            if problem.reason is ScanProblem.WRONG_LENGTH:
                digits = len("".join(_LENGTH.findall(said)))
                reason = say("标签号应为 17 位或 11 位，这里是 %(digits)d 位", digits=digits)
                mend = say("对照标签补齐；前面的 0 可能被表格软件去掉了，把列设为“文本”")
            row.problems.append(Problem("label", reason, mend, said))
            return None
        row.given["label"] = code
        row.claims.append(("label", code))
        return code

    def _look_at_label(self, row: Row, labels: Mapping[str, str]) -> None:
        """Whether the label that the row names can be bound."""
        code = next((value for column, value in row.claims if column == "label"), None)
        state = labels.get(code or "", "")
        if code is not None and state != LabelState.ISSUED.value:
            row.problems.append(label_problem(code, state, own=code.startswith(self.enterprise)))

    def _archived(self, forms: Sequence[CylinderForm | None]) -> set[tuple[str, str]]:
        serials = {form.serial_no for form in forms if form is not None}
        found = select(Cylinder.serial_no, Cylinder.maker).where(Cylinder.serial_no.in_(serials))
        return {(row.serial_no, row.maker) for row in self.session.execute(found)} if serials else set()

    def _warn(self, row: Row) -> None:
        """What the archive takes without, and a fill doesn't."""
        lacking = [key for key in LACKING if key not in row.given]
        if lacking:
            reason = say("未填：%(columns)s。可以建档，充装时会被拒充或无法判定", columns=lacking)
            row.problems.append(Problem("", reason, say("建档后补填，再充装"), grave=False))

    @staticmethod
    def _values(row: Row, form: CylinderForm) -> dict[str, Any]:
        columns = {
            name: _written(value) for name, value in columns_of(form).items() if value not in ("", None)
        }
        return columns | ({"label": row.given["label"]} if "label" in row.given else {})


def label_problem(code: str, state: str, *, own: bool) -> Problem:
    """Why a label can't be bound; `state` is empty when the enterprise has no such label."""
    if state == LabelState.BOUND.value:
        reason, mend = (
            say("这个标签已绑定在档案中的另一只气瓶上"),
            say("核对标签；确需换标的，到标签管理办理"),
        )
    elif state:
        reason, mend = say("这个标签已挂失或作废，不能再用"), say("换一个未使用的标签")
    elif own:
        reason, mend = say("本单位没有制发过这个标签"), say("先在标签管理中制签，或核对号码")
    else:
        reason, mend = say("不是本单位的标签"), say("核对标签号的区划和企业代码")
    return Problem("label", reason, mend, code)


def _note(given: Mapping[str, Any]) -> str:
    """The note, and after it what the old table said that the archive has no field for."""
    kept = [f"{title}：{given[key]}" for key, title in KEPT_AS_NOTE.items() if key in given]
    return "；".join(([given["note"]] if "note" in given else []) + kept)


def _mend(name: str) -> Sentence:
    if name in cylinder_form.DATES:
        return say("核对钢印上的日期")
    if name in cylinder_form.NUMBERS:
        return say("核对数值和单位")
    return say("核对品种和介质，按钢印填写") if name in ("medium_id", "kind_code") else say("核对后重新填写")


def _written(value: Any) -> Any:
    if isinstance(value, StampedDate):
        return value.on.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


CYLINDERS = CylinderImport()
