"""What a worker does with the making that it holds: draws every label, packs the files, keeps them."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO

import structlog
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from tenants import scope
from tenants.artwork.drawing import Text, draw
from tenants.artwork.lists import Row, as_csv, as_xlsx
from tenants.artwork.sheets import Sheets
from tenants.artwork.svg import as_svg
from tenants.faults import CrashPoint, crash_point
from tenants.models import LabelFile, LabelMaking, LabelRun, Medium
from tenants.models.base import new_id
from tenants.rules.codes import one_dimensional
from tenants.rules.label_layouts import LAYOUTS, Layout
from tenants.rules.label_signature import signed_url
from tenants.rules.label_words import MakingState
from tenants.rules.states import NAMES, KeyPurpose, LabelKind
from tenants.services import keys, label_claims
from tenants.services.label_making import labels_to_make, printed_text
from tenants.services.leases import Cancelled, Claim, Overtaken
from tenants.vault import Vault

STEP = 25  # labels between two words about the progress
PIECE = 2 * 1024 * 1024  # bytes
READ_ME = """{name}  {first} - {last}  ({kind}, {width:g} x {height:g} mm)

svg/        激光雕刻、UV 打印：每个标签一个文件，只有轮廓，不需字体，毫米尺寸。
            图层 cut = 外形和孔，colour = 介质色，ink = 深色内容。不要缩放、不要反白。
sheets.pdf  印刷：A4，按 100% 打印，角上是裁切线。
list.xlsx / list.csv  按数据打印：一行一个标签。

先做一个，用两部手机各扫一次一维码和二维码，再做整批。做坏的编号请告知订制单位登记，编号不重做。
Make one label first and scan both codes with two phones. Report spoilt numbers; they are never made again.
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that drawing needs, taken from the database beforehand."""

    layout: Layout
    text: Text
    family: str
    codes: Sequence[str]
    key: bytes


def work_on(claim: Claim, vault: Vault) -> None:
    """Make the files. Whatever happens, they are there, or nothing is, or it is said to have failed."""
    try:
        if claim.attempts > label_claims.MOST_TRIES:
            label_claims.settle(claim, MakingState.FAILED)
            return
        label_claims.tell(claim, 0)
        with scope.worker_scope(claim.tenant_id) as session:
            work, kid = _work(session, claim, vault)
        if not work.codes:  # all of them were bound or spoilt meanwhile
            raise Cancelled
        with tempfile.TemporaryFile() as file:
            pack(work, file, lambda made: label_claims.tell(claim, made))
            crash_point(CrashPoint.LABELS_DRAWN)
            _keep(claim, file, kid, len(work.codes))
    except Overtaken:
        log.info("making_overtaken", making=str(claim.id))
    except Cancelled:
        label_claims.settle(claim, MakingState.CANCELLED)


def _work(session: Session, claim: Claim, vault: Vault) -> tuple[Work, int]:
    making = session.get_one(LabelMaking, (claim.tenant_id, claim.id))
    run = session.get_one(LabelRun, (claim.tenant_id, making.run_id))
    family = session.scalar(
        select(Medium.family).where(Medium.key == run.medium_id, Medium.valid_to.is_(None))
    )
    key = keys.signing_key(session, KeyPurpose.LABEL, datetime.now(UTC))
    secret = vault.open(keys.key_name(key.kid), key.sealed)
    text = replace(printed_text(session, run.medium_id), name=making.name)
    codes = labels_to_make(session, run, making.first_serial, making.quantity)
    return Work(LAYOUTS[LabelKind(run.kind)], text, family or "Q", codes, secret), key.kid


def pack(work: Work, file: IO[bytes], tell: Callable[[int], None]) -> None:
    """All files of a part as one zip; `tell` hears how many labels are drawn."""
    rows: list[Row] = []
    with tempfile.TemporaryFile() as sheet_file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        caption = _caption(work)
        sheets = Sheets(sheet_file, work.layout, caption, len(work.codes))
        for number, code in enumerate(work.codes, start=1):
            short, address = one_dimensional(code), signed_url(code, work.family, work.key)
            drawing = draw(work.layout, work.text, code, address)
            packed.writestr(f"svg/{short}.svg", as_svg(drawing))
            sheets.add(drawing)
            rows.append(Row(str(int(short[-6:])), short, code, address, work.text.name))
            if number % STEP == 0:
                tell(number)
        sheets.close()
        tell(len(work.codes))
        sheet_file.seek(0)
        packed.writestr("sheets.pdf", sheet_file.read())
        packed.writestr("list.csv", as_csv(rows))
        packed.writestr("list.xlsx", as_xlsx(rows))
        packed.writestr("说明 README.txt", _read_me(work))


def _caption(work: Work) -> str:
    first, last = one_dimensional(work.codes[0]), one_dimensional(work.codes[-1])
    return f"{work.text.name}  {first}–{last}  {NAMES[work.layout.kind].zh}"


def _read_me(work: Work) -> str:
    return READ_ME.format(
        name=work.text.name,
        first=one_dimensional(work.codes[0]),
        last=one_dimensional(work.codes[-1]),
        kind=NAMES[work.layout.kind].zh,
        width=work.layout.width,
        height=work.layout.height,
    )


def _keep(claim: Claim, file: IO[bytes], kid: int, made: int) -> None:
    """In one transaction: the pieces, and that it is done."""
    size = file.seek(0, 2)
    with scope.worker_scope(claim.tenant_id) as session:
        making = label_claims.lock_making(session, claim)
        if making.cancel_at is not None:
            raise Cancelled
        session.execute(delete(LabelFile).where(LabelFile.making_id == making.id))
        for number, piece in enumerate(_pieces(file)):
            row = {"id": new_id(), "making_id": making.id, "piece": number, "content": piece}
            session.execute(insert(LabelFile).inline(), [row])
        making.state, making.kid, making.labels_made, making.file_bytes = (
            MakingState.DONE.value,
            kid,
            made,
            size,
        )
        making.done_at = func.now()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
