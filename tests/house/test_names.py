"""Whatever is shown has a name in both languages, whatever happens has a consequence, whatever waits has somebody who comes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from enum import StrEnum
from pathlib import Path

import pytest

import tenants.rules
from tenants.events import Event
from tenants.rules.codes import SENTENCES
from tenants.rules.fill import CAUTIONS
from tenants.rules.public import ALARMS, HEADLINES
from tenants.rules.refusal import REASONS, Refusal
from tenants.rules.states import NAMES
from tenants.settings import Settings
from workers.jobs import JOBS as DONE_BY
from workers.queues import QUEUE_OF, JobName, QueueName
from workers.schedule import SCHEDULE
from workers.subscriptions import JOBS, REFLEXES
from workers.supervisor import portal_children

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def enums() -> list[type[StrEnum]]:
    found = set()
    for module in pkgutil.iter_modules(tenants.rules.__path__, "tenants.rules."):
        for _, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(thing, StrEnum) and thing is not StrEnum:
                found.add(thing)
    return sorted(found, key=lambda one: one.__name__)


def spoken(value: StrEnum) -> tuple[str, str] | None:
    """The name or sentence of a value in Chinese and English, wherever its own file keeps it."""
    if isinstance(value, Refusal):
        return (REASONS[value].sentence_zh, REASONS[value].sentence_en) if value in REASONS else None
    for table in (NAMES, HEADLINES, ALARMS, CAUTIONS, SENTENCES):
        if value in table:
            zh, en = table[value]  # type: ignore[index]
            return zh, en
    return None


@pytest.mark.parametrize("enum", enums(), ids=lambda enum: enum.__name__)
def test_every_value_has_a_name_in_both_languages(enum: type[StrEnum]) -> None:
    for value in enum:
        names = spoken(value)
        assert names, f"{value!r} has no name"
        assert CHINESE.search(names[0]), f"{value!r}: {names[0]}"
        assert names[1], f"{value!r} has no English"
        assert not CHINESE.search(names[1]), f"{value!r}: {names[1]}"


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_says_what_to_do_and_by_which_clause(refusal: Refusal) -> None:
    reason = REASONS[refusal]
    assert re.fullmatch(r"V\d\d", reason.violation)
    assert reason.clause
    assert CHINESE.search(reason.to_do_zh)
    assert reason.to_do_en
    assert not CHINESE.search(reason.to_do_en)


def test_a_public_code_is_lower_case_words() -> None:
    for enum in enums():
        if enum.__name__ not in ("Confidence",):
            assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", value.value) for value in enum), enum


def test_every_event_has_its_consequences() -> None:
    assert set(REFLEXES) == set(JOBS) == set(Event)


def test_every_job_has_a_queue_and_somebody_who_does_it() -> None:
    rung = {JobName(job) for jobs in JOBS.values() for job in jobs} | {
        regularly.job for regularly in SCHEDULE
    }
    assert rung == set(JobName) == set(QUEUE_OF) == set(DONE_BY)
    assert set(QUEUE_OF.values()) == set(QueueName)
    for job, does in DONE_BY.items():
        assert does.__name__ == job.value
        assert does.__doc__


def test_every_queue_has_a_worker(tmp_path: Path) -> None:
    env = {"DATABASE_URL": "postgresql://x@/x", "REDIS_URL": "redis://127.0.0.1:1", "DATA_DIR": str(tmp_path)}
    children = portal_children(Settings.from_env(env), env)
    waited = [child.command for child in children if "workers.worker" in child.command]
    heard = {QueueName(command[-1]) if "--queue" in command else QueueName.UPLOADS for command in waited}
    assert heard == set(QueueName)
