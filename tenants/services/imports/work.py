"""What a worker does with the import that it holds: check it, write it or take it back, each in one transaction."""

from __future__ import annotations

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants import audit, scope
from tenants.errors import Conflict
from tenants.faults import CrashPoint, crash_point
from tenants.models import ImportFile, ImportRow, ImportRun
from tenants.models.import_run import RowState
from tenants.permissions import Actor
from tenants.rules.states import ImportMode, ImportState, Role
from tenants.sentences import say
from tenants.services.imports import claims
from tenants.services.imports.checking import check, count_states
from tenants.services.imports.cylinder_rows import WRITABLE
from tenants.services.imports.problems import Problem
from tenants.services.imports.registry import get_importer
from tenants.services.imports.workbook import FileRefused
from tenants.services.leases import Cancelled, Claim, Overtaken

STEP = 4000  # rows between two words about the progress
MOST_HINDRANCES = 50  # that are named
# What an import becomes when the work at it is stopped, and when it fails again and again.
STOPPED = {
    ImportState.QUEUED: ImportState.CANCELLED,
    ImportState.APPROVED: ImportState.CHECKED,
    ImportState.UNDOING: ImportState.APPLIED,
}
GIVEN_UP = STOPPED | {ImportState.QUEUED: ImportState.FAILED}

log = structlog.get_logger(__name__)


def work_on(claim: Claim) -> None:
    """Do what the import waits for. Whatever happens, it is done, or as it was before, or said to have failed."""
    try:
        state = _begin(claim)
        deed = {ImportState.QUEUED: _check, ImportState.APPROVED: _apply, ImportState.UNDOING: _undo}[state]
        with claims.held(claim):
            deed(claim)
    except Overtaken:
        log.info("import_overtaken", run=str(claim.id))
    except Cancelled:
        _settle(claim, STOPPED, [])
    except FileRefused as refused:
        refusal = Problem("", refused.reason, refused.mend)
        _settle(claim, dict.fromkeys(STOPPED, ImportState.REFUSED), [refusal])
    except MemoryError:
        too_much = Problem("", say("文件展开后太大"), say("分成几个文件，或只留数据后重新上传"))
        _settle(claim, dict.fromkeys(STOPPED, ImportState.REFUSED), [too_much])
    except (Conflict, IntegrityError) as problem:
        log.info("import_tried_again", run=str(claim.id), problem=type(problem).__name__)
        _give_back(claim)


def _begin(claim: Claim) -> ImportState:
    """What is to be done; raises Cancelled, or Overtaken once it is given up."""
    with scope.worker_scope(claim.tenant_id) as session:
        run = claims.lock_run(session, claim)
        state, stop = ImportState(run.state), run.cancel_at is not None
    if stop:
        raise Cancelled
    if claim.attempts > claims.MOST_TRIES:
        tried = say("试了 %(times)d 次都没有做完，没有写入任何内容", times=claims.MOST_TRIES)
        _settle(claim, GIVEN_UP, [Problem("", tried, say("稍后再试；仍不行的，分成几个文件上传"))])
        raise Overtaken
    return state


def _check(claim: Claim) -> None:
    with scope.worker_scope(claim.tenant_id) as session:
        run = session.get_one(ImportRun, (claim.tenant_id, claim.id))
        content = session.scalars(select(ImportFile.content).where(ImportFile.id == run.id)).one()
        found = check(
            session,
            get_importer(run.kind),
            run.id,
            content,
            run.file_name,
            lambda *far: claims.tell(claim, *far),
        )
        crash_point(CrashPoint.IMPORT_CHECKED)
        run = claims.lock_run(session, claim)
        run.head, run.notices = list(found.head), [one.as_json() for one in found.notices]
        run.rows_good, run.rows_warned, run.rows_bad = found.good, found.warned, found.bad
        run.rows_total = run.rows_done = found.total
        _end(run, ImportState.CHECKED)


def _apply(claim: Claim) -> None:
    with scope.worker_scope(claim.tenant_id) as session:
        run = session.get_one(ImportRun, (claim.tenant_id, claim.id))
        importer, actor = get_importer(run.kind), _actor(run)
        spoiled = importer.conflicts(session, run.id)
        if spoiled and run.mode == ImportMode.ALL.value:
            return _back_to_choice(session, claim, spoiled)
        written = 0
        for first, last in _ranges(session, run):
            written += importer.write(session, actor, run.id, first, last)
            claims.tell(claim, written)
            crash_point(CrashPoint.IMPORT_MID_APPLY)
        run = _counted(session, claim)
        run.rows_written, run.done_at = written, func.now()
        audit.write(
            session,
            actor,
            audit.Action.IMPORT_APPLIED,
            str(run.id),
            kind=run.kind,
            rows=written,
            mode=run.mode,
        )
        _end(run, ImportState.APPLIED)
    return None


def _back_to_choice(session: Session, claim: Claim, spoiled: int) -> None:
    """All or nothing, and some rows can't be written any more: nothing is, and the person chooses again."""
    run = _counted(session, claim)
    said = say("检查之后有 %(count)d 行不能再导入，没有写入任何一行", count=spoiled)
    run.problem = [Problem("", said, say("看下面的错误行，再选择")).as_json()]
    _end(run, ImportState.CHECKED)


def _counted(session: Session, claim: Claim) -> ImportRun:
    """The import under lock, its rows counted as they are now."""
    counts = count_states(session, claim.id)
    run = claims.lock_run(session, claim)
    run.rows_bad = counts[RowState.BAD]
    if not counts[RowState.WRITTEN]:
        run.rows_good, run.rows_warned = counts[RowState.GOOD], counts[RowState.WARNED]
    return run


def _ranges(session: Session, run: ImportRun) -> list[tuple[int, int]]:
    """Row numbers in steps that hold about STEP rows each."""
    wanted = (
        select(ImportRow.row_no)
        .where(ImportRow.run_id == run.id, ImportRow.state.in_(WRITABLE))
        .order_by(ImportRow.row_no)
    )
    numbers = session.scalars(wanted).all()
    return [(numbers[at], numbers[min(at + STEP, len(numbers)) - 1]) for at in range(0, len(numbers), STEP)]


def _undo(claim: Claim) -> None:
    with scope.worker_scope(claim.tenant_id) as session:
        run = session.get_one(ImportRun, (claim.tenant_id, claim.id))
        importer, actor = get_importer(run.kind), _actor(run)
        count, some = importer.hindrances(session, run.id, MOST_HINDRANCES)
        removed = 0 if count else importer.remove(session, actor, run.id)
        claims.tell(claim, removed)
        run = claims.lock_run(session, claim)
        if count:
            said = say("有 %(count)d 行已被使用，整批不能撤销，什么都没有改", count=count)
            rows = [Problem("", one.why, say("第 %(row)d 行", row=one.row_no), one.what) for one in some]
            run.problem = [
                one.as_json() for one in (Problem("", said, say("这些气瓶可在档案中逐只处理")), *rows)
            ]
            return _end(run, ImportState.APPLIED)
        run.done_at = func.now()
        audit.write(session, actor, audit.Action.IMPORT_UNDONE, str(run.id), kind=run.kind, rows=removed)
        _end(run, ImportState.UNDONE)
    return None


def _settle(claim: Claim, becomes: dict[ImportState, ImportState], problems: list[Problem]) -> None:
    """The work ends without a result; what it had written is rolled back already."""
    with scope.worker_scope(claim.tenant_id) as session:
        run = claims.lock_run(session, claim)
        run.problem = [problem.as_json() for problem in problems]
        _end(run, becomes[ImportState(run.state)])


def _give_back(claim: Claim) -> None:
    with scope.worker_scope(claim.tenant_id) as session:
        session.execute(
            update(ImportRun)
            .where(ImportRun.id == claim.id, ImportRun.attempts == claim.attempts)
            .values(due_at=func.now())
        )


def _end(run: ImportRun, state: ImportState) -> None:
    run.state, run.cancel_at, run.phase_at = state.value, None, None


def _actor(run: ImportRun) -> Actor:
    return Actor(role=Role(run.role), username=run.decided_by, tenant_id=run.tenant_id)
