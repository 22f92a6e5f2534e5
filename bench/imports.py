"""An import of 100,000 cylinders, each with a label, through the running portal: how fast, and how much memory the job takes."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from uuid import UUID

import xlsxwriter
from sqlalchemy import text

from bench.rows import Row
from tenants import scope
from tenants.models import ImportRun
from tenants.permissions import Actor
from tenants.rules.states import ImportMode, ImportState, Role
from tenants.services.imports import runs
from tests.cast import LPG, A, Enterprise
from tests.chaos.world import World

ROWS = 100_000
HEAD = ("出厂编号", "制造单位", "设备品种", "充装介质", "标签号", "使用登记证号", "制造日期", "上次检验", "下次检验", "设计使用年限至",
        "公称容积(L)", "公称工作压力(MPa)", "空瓶质量(kg)", "最大充装量(kg)", "备注")  # fmt: skip
AT_WORK = {ImportState.QUEUED.value, ImportState.APPROVED.value, ImportState.UNDOING.value}


def imports(world: World, rows: int = ROWS) -> Iterator[Row]:
    """Rows a second from the file sent to the report, from the choice to the last row written, and back, beside a bare COPY of them."""
    given = list(_rows(A, rows))
    _furnish(world, A, rows)
    bare = rows / _bare_copy(world, given)
    yield Row("bare COPY, rows", bare, None, None, 0, "", None)
    actor = Actor(role=Role.ADMIN, username=A.username(Role.ADMIN), tenant_id=A.tenant_id)
    content = _workbook(given)
    began = time.perf_counter()
    with scope.tenant_scope(A.tenant_id) as session:
        run_id = runs.receive(session, actor, "cylinders", "bench.xlsx", content).id
    checked = _ended(run_id, ImportState.CHECKED)
    yield _row(
        world, "read and checked", rows / (time.perf_counter() - began), rows - checked.rows_good, bare
    )
    began = time.perf_counter()
    with scope.tenant_scope(A.tenant_id) as session:
        runs.approve(session, actor, run_id, ImportMode.ALL)
    applied = _ended(run_id, ImportState.APPLIED)
    yield _row(world, "applied", rows / (time.perf_counter() - began), rows - applied.rows_written, bare)
    began = time.perf_counter()
    with scope.tenant_scope(A.tenant_id) as session:
        runs.undo(session, actor, run_id)
    undone = _ended(run_id, ImportState.UNDONE)
    yield _row(world, "taken back", rows / (time.perf_counter() - began), rows - undone.rows_written, bare)


def _row(world: World, what: str, per_second: float, failed: int, bare: float) -> Row:
    name = f"import {what}, {_peak_mb(world)} MB"
    return Row(name, per_second, None, None, failed, "bare COPY", per_second / bare)


def _ended(run_id: UUID, wanted: ImportState) -> ImportRun:
    """The import once nobody works at it any more; raises RuntimeError when it isn't what was wanted."""
    while True:
        with scope.tenant_scope(A.tenant_id) as session:
            run = runs.get_run(session, run_id)
        if run.state not in AT_WORK:
            break
        time.sleep(0.1)
    if run.state != wanted.value:
        raise RuntimeError(f"the import is {run.state}: {run.problem}")
    return run


def _peak_mb(world: World) -> int:
    """The most memory that the last job took, by its own word in the log."""
    said = (world.data_dir / "logs" / "worker-imports.log").read_text().splitlines()
    told = [json.loads(line) for line in said if "import_worked_on" in line]
    return int(told[-1]["peak_mb"]) if told else 0


def _rows(e: Enterprise, count: int) -> Iterator[tuple[str | float, ...]]:
    for number in range(count):
        label = f"{e.district}{e.enterprise}{LPG}{number + 1:06d}"
        yield (f"B{number:07d}", "测试压力容器有限公司", "LPG_WELDED", "LPG", label, f"R{number:07d}", "2023-05", "2025-03", "2029-03",
               "2031-05", 35.5, 2.1, 16.5, 14.9, "第一仓库")  # fmt: skip


def _furnish(world: World, e: Enterprise, count: int) -> None:
    """The kind of cylinder that the rows name, and their labels, issued and on no cylinder."""
    with world.database.as_admin() as connection:
        connection.execute(
            text(
                "INSERT INTO gas.inspection_cycle (key, valid_from, source, confidence, kind_code, kind_zh, medium_class,"
                " interval_confidence, life_confidence, note)"
                " VALUES ('BENCH', '2020-01-01', '', 'S1', 'LPG_WELDED', 'LPG_WELDED', 'LPG', 'S1', 'S1', '') ON CONFLICT DO NOTHING"
            )
        )
        connection.execute(
            text(
                "INSERT INTO gas.label (tenant_id, id, code, kind, medium_code, state)"
                " SELECT :tenant, gen_random_uuid(), :head || lpad(n::text, 6, '0'), 'metal', :medium, 'issued'"
                " FROM generate_series(1, :count) n"
            ),
            {
                "tenant": e.tenant_id,
                "head": f"{e.district}{e.enterprise}{LPG}",
                "medium": LPG,
                "count": count,
            },
        )


def _workbook(rows: list[tuple[str | float, ...]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def _bare_copy(world: World, rows: list[tuple[str | float, ...]]) -> float:
    """Seconds to COPY the same rows as text into a table without walls, keys and indexes."""
    lines = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
    columns = ", ".join(f"c{number} text" for number in range(len(HEAD)))
    with world.database.as_admin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE public.bench_copy ({columns})")
        began = time.perf_counter()
        connection.connection.cursor().copy_expert("COPY public.bench_copy FROM STDIN", lines)
    took = time.perf_counter() - began
    with world.database.as_admin() as connection:
        connection.exec_driver_sql("DROP TABLE public.bench_copy")
    return took
