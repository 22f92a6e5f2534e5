"""The records of the machine: kept once, numbered once, and when nothing can be kept it says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.devices.station.cli import BAD_STORE, main
from integrations.devices.station.outbox import MOST_BYTES, MOST_EVENTS, Outbox, Result, StoreProblem
from integrations.devices.station.rescue import set_aside
from integrations.devices.station.words import Why

EVENT = {"kind": "take_in", "label": "37050200101000001"}


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.db")


def test_it_is_durable(outbox: Outbox) -> None:
    told = [outbox._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]


def test_numbers_rise_and_go_on_after_a_restart_and_after_the_file_was_lost(
    outbox: Outbox, tmp_path: Path
) -> None:
    for _ in range(3):
        outbox.add(EVENT)
    outbox.close()
    again = Outbox(tmp_path / "outbox.db")
    again.add(EVENT)
    numbers = [json.loads(one.body)["seq"] for one in again.waiting()]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    new = Outbox(tmp_path / "new.db")
    new.add(EVENT)
    assert new.waiting()[0].seq > numbers[-1]


def test_a_batch_is_within_what_the_portal_takes(outbox: Outbox) -> None:
    for _ in range(MOST_EVENTS + 10):
        outbox.add({**EVENT, "data": {"note": "长" * 800}})
    batch = outbox.waiting()
    assert 0 < len(batch) <= MOST_EVENTS
    assert sum(len(one.body.encode()) + 1 for one in batch) <= MOST_BYTES
    assert len(outbox.waiting(1)) == 1


def test_a_fill_is_either_begun_or_an_event(outbox: Outbox) -> None:
    fill_id = outbox.begin_fill({"kind": "fill", "data": {"tare_kg": 15}}, 15_000, "t0")
    outbox.note_weight(18_000, "t1")
    begun = outbox.begun()
    assert begun is not None
    assert (begun.id, begun.gross_g, begun.noted_at) == (fill_id, 18_000, "t1")
    outbox.finish_fill({"id": fill_id, **EVENT})
    assert outbox.begun() is None
    assert [one.id for one in outbox.waiting()] == [fill_id]


def test_what_became_of_events(outbox: Outbox) -> None:
    ids = [outbox.add(EVENT) for _ in range(4)]
    outbox.accepted(outbox.waiting(), "u1", {1: Result("malformed", "id_reused", "…")})
    assert (outbox.waiting(), outbox.open_uploads()) == ([], ["u1"])
    outbox.resolve(
        {ids[0]: Result("applied"), ids[1]: Result("applied"), ids[2]: Result("refused", "overfill", "过量")}
    )
    assert outbox.counts() == {"applied": 1, "malformed": 1, "refused": 1, "accepted": 1}
    assert [one["code"] for one in outbox.unhappy()] == ["overfill", "id_reused"]
    outbox.send_again("u1")
    assert [one.id for one in outbox.waiting()] == [ids[3]]


def test_a_damaged_file_stops_the_program_and_is_put_aside_with_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)
    ids = [outbox.add({**EVENT, "data": {"note": "x" * 500}}) for _ in range(60)]
    outbox.close()
    raw = bytearray(path.read_bytes())
    raw[-4096 * 3 : -4096] = os.urandom(8192)
    path.write_bytes(raw)
    with pytest.raises(StoreProblem) as problem:
        Outbox(path)
    assert problem.value.why is Why.STORE_BROKEN
    done = set_aside(path)
    assert done.aside.read_bytes() == raw
    saved = [one.id for one in Outbox(path).waiting(500)]
    assert len(saved) == done.events
    assert set(saved) <= set(ids)


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 300])
def test_an_empty_file_is_a_new_one_and_nonsense_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(content)
    if content:
        with pytest.raises(StoreProblem, match="store_broken"):
            Outbox(path)
    else:
        assert Outbox(path).waiting() == []


def test_the_program_says_so_in_both_languages_and_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "outbox.db").write_bytes(b"nonsense" * 1000)
    (tmp_path / "token").write_text("abc")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "station.toml").write_text(
        '[station]\ngun = "G-01"\ndata = "data"\n[server]\nurl = "http://127.0.0.1:9"\ntoken_file = "token"\n'
        '[reader]\ndriver = "simulated"\n[scale]\ndriver = "simulated"\n[interlock]\ndriver = "simulated"\n[fill]\ntarget_kg = 14.5\n'
    )
    assert main(["--config", str(tmp_path / "station.toml")]) == BAD_STORE
    said = capsys.readouterr().out
    assert "记录库损坏" in said
    assert "damaged" in said


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreProblem):
        Outbox(tmp_path / "file" / "outbox.db")


def test_too_little_room_is_a_full_disk(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db", min_free_mb=10**9)
    with pytest.raises(StoreProblem, match="disk_full"):
        outbox.check()


WRITER = """
import sys
from pathlib import Path
from integrations.devices.station.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
while True:
    print(outbox.add({"kind": "take_in"}), flush=True)
"""


def test_what_was_said_to_be_kept_is_kept_when_the_program_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    said = [writer.stdout.readline().strip() for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    said += [line.strip() for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    kept = [str(event["id"]) for event in Outbox(path).events()]
    assert kept[: len(said)] == said
    assert len(kept) - len(said) in (0, 1)
