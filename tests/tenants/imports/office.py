"""An office of the cast that sends spreadsheets: what it sends, what the worker makes of it, and what stands in the archive then."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter
from sqlalchemy import func, select, text

from tenants import scope
from tenants.models import Cylinder, ImportRow, ImportRun, Label
from tenants.permissions import Actor
from tenants.rules.states import ImportMode, ImportState, Role
from tenants.services.imports import runs
from tenants.services.imports.claims import claim_next
from tenants.services.imports.problems import Problem, from_json
from tenants.services.imports.work import work_on
from tests.cast import A, Enterprise
from tests.databases import Database

OLD_TABLE = Path(__file__).with_name("old_table.csv")
HEAD = (
    "出厂编号",
    "制造单位",
    "设备品种",
    "充装介质",
    "标签号",
    "使用登记证号",
    "下次检验",
    "设计使用年限至",
)
FULL = ("厂一", "钢质无缝气瓶", "氮气")


class Office:
    """The administrator of one enterprise and the worker behind."""

    def __init__(self, database: Database, enterprise: Enterprise = A) -> None:
        self.database, self.enterprise = database, enterprise
        self.actor = Actor(
            role=Role.ADMIN, username=enterprise.username(Role.ADMIN), tenant_id=enterprise.tenant_id
        )

    def furnish(self) -> None:
        """Kinds, nitrogen and LNG, and a medium code for each: what the rows of the tests speak of."""
        with self.database.as_admin() as connection:
            for key, kind, name in (("T1", "2310", "钢质无缝气瓶"), ("T2", "2320LPG", "液化石油气钢瓶")):
                connection.execute(
                    text(
                        "INSERT INTO gas.inspection_cycle (key, valid_from, source, confidence, kind_code, kind_zh, medium_class,"
                        " interval_confidence, life_confidence, note) VALUES (:key, '2020-01-01', '', 'S1', :kind, :name, 'OTHER', 'S1',"
                        " 'S1', '') ON CONFLICT DO NOTHING"
                    ),
                    {"key": key, "kind": kind, "name": name},
                )
            for key, name, state, cycle in (
                ("N2", "氮", "压缩", "N2_SF6_INERT"),
                ("LNG", "液化天然气", "低温液化", "CRYOGENIC"),
            ):
                connection.execute(
                    text(
                        "INSERT INTO gas.medium (key, valid_from, source, confidence, name_zh, name_en, formula, un_number, un_class,"
                        " state_class, flammable, toxic, oxidising, corrosive, inert, colour_zh, colour_hex, lettering_zh,"
                        " lettering_colour_zh, lettering_hex, family, cycle_class) VALUES (:key, '2020-01-01', '', 'S2', :name, :key, '',"
                        " '', '', :state, false, false, false, false, true, '', '', '', '', '', 'Q', :cycle) ON CONFLICT DO NOTHING"
                    ),
                    {"key": key, "name": name, "state": state, "cycle": cycle},
                )
            for code, key in (("06", "N2"), ("07", "LNG")):
                connection.execute(
                    text(
                        "INSERT INTO gas.medium_code (tenant_id, code, medium_id, assay_required) VALUES (:id, :code, :key, false)"
                    ),
                    {"id": self.enterprise.tenant_id, "code": code, "key": key},
                )

    def issue(self, codes: Iterable[str], state: str = "issued") -> None:
        """Labels of this enterprise that are on no cylinder."""
        with self.database.as_admin() as connection:
            connection.execute(
                text(
                    "INSERT INTO gas.label (tenant_id, id, code, kind, medium_code, state) SELECT :id, gen_random_uuid(), code, 'metal',"
                    " substr(code, 10, 2), :state FROM unnest(CAST(:codes AS text[])) code"
                ),
                {"id": self.enterprise.tenant_id, "codes": list(codes), "state": state},
            )

    def label(self, serial: int) -> str:
        return f"{self.enterprise.district}{self.enterprise.enterprise}06{serial:06d}"

    def send(self, content: bytes, name: str = "气瓶.csv") -> UUID:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return runs.receive(session, self.actor, "cylinders", name, content).id

    def work(self) -> None:
        """Do what waits, as the worker does."""
        while claim := claim_next():
            work_on(claim)

    def check(self, content: bytes, name: str = "气瓶.csv") -> ImportRun:
        run_id = self.send(content, name)
        self.work()
        return self.run(run_id)

    def apply(self, run_id: UUID, mode: ImportMode = ImportMode.ALL) -> ImportRun:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            runs.approve(session, self.actor, run_id, mode)
        self.work()
        return self.run(run_id)

    def bring(self, content: bytes, mode: ImportMode = ImportMode.ALL) -> ImportRun:
        """Check and apply."""
        return self.apply(self.check(content).id, mode)

    def undo(self, run_id: UUID) -> ImportRun:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            runs.undo(session, self.actor, run_id)
        self.work()
        return self.run(run_id)

    def run(self, run_id: UUID) -> ImportRun:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return runs.get_run(session, run_id)

    def said(self, run_id: UUID) -> dict[int, list[Problem]]:
        """What was told of each row that something was told of."""
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            rows = session.execute(
                select(ImportRow.row_no, ImportRow.problems)
                .where(ImportRow.run_id == run_id)
                .order_by(ImportRow.row_no)
            )
            return {number: [from_json(one) for one in problems] for number, problems in rows if problems}

    def errors(self, run_id: UUID) -> dict[int, list[tuple[str, str]]]:
        """Column and sentence of what keeps rows out."""
        told = {
            number: [(one.column, str(one.reason)) for one in problems if one.grave]
            for number, problems in self.said(run_id).items()
        }
        return {number: found for number, found in told.items() if found}

    def cylinders(self, **where: Any) -> list[Cylinder]:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            wanted = select(Cylinder).filter_by(**where).order_by(Cylinder.serial_no)
            return list(session.scalars(wanted))

    def count(self) -> int:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return session.scalar(select(func.count()).select_from(Cylinder)) or 0

    def label_of(self, code: str) -> Label:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return session.scalars(select(Label).where(Label.code == code)).one()


def as_csv(rows: Iterable[Sequence[object]], head: Sequence[str] = HEAD, encoding: str = "utf-8") -> bytes:
    """A file as a spreadsheet program writes it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(
    rows: Iterable[Sequence[object]], head: Sequence[str] = HEAD, formats: dict[int, str] | None = None
) -> bytes:
    """A workbook of one sheet: numbers as numbers, dates as dates, `=…` as formulas."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    styles = {column: book.add_format({"num_format": code}) for column, code in (formats or {}).items()}
    usual = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, head)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, styles.get(column, usual))
            elif value is not None:
                sheet.write(number, column, value)
    book.close()
    return out.getvalue()


def good_rows(count: int, first: int = 1, label: str = "") -> list[tuple[str, ...]]:
    """Rows that nothing is to be said of but for a missing label."""
    return [(f"S{first + i:06d}", *FULL, label, f"R{first + i}", "2030-01", "2050-01") for i in range(count)]


def state_of(run: ImportRun) -> ImportState:
    return ImportState(run.state)
