"""What a person does with an import: send a file, choose what becomes of its rows, stop the work, take the whole back."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tenants import audit, events
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import ImportFile, ImportRun
from tenants.permissions import Actor
from tenants.rules.states import ImportMode, ImportState
from tenants.sentences import say
from tenants.services.imports.reading import kind_of
from tenants.services.imports.registry import get_importer
from tenants.services.imports.workbook import FileRefused

NOT_TWINS = (ImportState.CANCELLED.value, ImportState.REFUSED.value, ImportState.FAILED.value)
STOPPABLE = (ImportState.QUEUED, ImportState.APPROVED, ImportState.UNDOING)


def receive(session: Session, actor: Actor, kind: str, name: str, content: bytes) -> ImportRun:
    """Keep a file and have it checked; raises Invalid with "file" for what is no spreadsheet."""
    importer = get_importer(kind)
    try:
        kind_of(content)
    except FileRefused as refused:
        raise Invalid(fields={"file": refused.reason}, mend=refused.mend) from refused
    run = ImportRun(
        kind=importer.kind,
        file_name=_plain_name(name),
        file_bytes=len(content),
        file_hash=sha256(content).hexdigest(),
        created_by=actor.username,
        role=actor.role.value,
    )
    session.add(run)
    session.flush()
    session.execute(insert(ImportFile).inline().values(id=run.id, content=content))
    audit.write(session, actor, audit.Action.IMPORT_RECEIVED, str(run.id), kind=kind, bytes=len(content))
    _wake(session, run)
    return run


def get_run(session: Session, run_id: UUID, *, lock: bool = False) -> ImportRun:
    """The enterprise's import; raises NotFound for another's as for none."""
    wanted = select(ImportRun).where(ImportRun.id == run_id).execution_options(populate_existing=lock)
    run = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if run is None:
        raise NotFound(say("没有这次导入"))
    return run


def find_twin(session: Session, run: ImportRun) -> ImportRun | None:
    """An earlier import of the same file that was not given up."""
    same = (
        select(ImportRun)
        .where(ImportRun.file_hash == run.file_hash, ImportRun.kind == run.kind, ImportRun.id != run.id)
        .where(ImportRun.created_at <= run.created_at, ImportRun.state.not_in(NOT_TWINS))
        .order_by(ImportRun.created_at.desc())
        .limit(1)
    )
    return session.scalars(same).one_or_none()


def approve(session: Session, actor: Actor, run_id: UUID, mode: ImportMode) -> ImportRun:
    """Have the checked rows written: all of them, or the good ones; raises Conflict when that can't be."""
    run = get_run(session, run_id, lock=True)
    if run.state != ImportState.CHECKED.value:
        raise Conflict(say("这次导入已不在待确认状态"))
    if run.swept_at is not None:
        raise Conflict(say("文件已过保存期，请重新上传"))
    if mode is ImportMode.ALL and run.rows_bad:
        raise Conflict(say("有 %(bad)d 行有错，按“全部或全不”没有导入任何一行", bad=run.rows_bad))
    if not run.rows_good + run.rows_warned:
        raise Conflict(say("没有可以导入的行"))
    run.mode = mode.value
    _begin(session, actor, run, ImportState.APPROVED)
    return run


def cancel(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """Give an import up, or have the work at it stopped; what was written so far is rolled back with it."""
    run = get_run(session, run_id, lock=True)
    if ImportState(run.state) in STOPPABLE:
        run.cancel_at = func.now()
    elif run.state == ImportState.CHECKED.value:
        run.state = ImportState.CANCELLED.value
    else:
        raise Conflict(say("这次导入已经结束，不能取消"))
    run.decided_by = actor.username
    session.flush()
    return run


def undo(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """Have everything that the import wrote taken back, if nothing was built on it; raises Conflict when it can't even be tried."""
    run = get_run(session, run_id, lock=True)
    if run.state != ImportState.APPLIED.value:
        raise Conflict(say("只有已导入的可以撤销"))
    if run.swept_at is not None:
        raise Conflict(say("导入已超过 30 天，不能整批撤销"))
    _begin(session, actor, run, ImportState.UNDOING)
    return run


def _begin(session: Session, actor: Actor, run: ImportRun, state: ImportState) -> None:
    """Hand the import over to a worker."""
    run.state, run.decided_by, run.problem = state.value, actor.username, []
    run.attempts, run.rows_done, run.cancel_at, run.phase_at = 0, 0, None, None
    run.due_at = func.now()
    session.flush()
    _wake(session, run)


def _wake(session: Session, run: ImportRun) -> None:
    events.record(session, events.Event.IMPORT_WAITS, run.id)


def _plain_name(name: str) -> str:
    """The file's name without folders and signs that can't be seen, short enough to show."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-120:] or "?"
