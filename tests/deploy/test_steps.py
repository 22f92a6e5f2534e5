"""How the set-up runs a step, and how it tells that one failed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.goals import MODULES
from deploy.setup import GOALS
from deploy.steps import ROOT, run_step
from workers.accidents import CannotStart


def test_a_step_returns_what_it_said_and_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_step("Saying", [sys.executable, "-c", "print('said')"]) == "said\n"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("noise\nE: Unable to locate package x\nmore noise", "Step failed: E: Unable to locate package x."),
        (
            "ERROR: No matching distribution found for x",
            "Step failed: ERROR: No matching distribution found for x.",
        ),
        (
            "npm error code E404\nnpm error A complete log of this run is in y",
            "Step failed: npm error code E404.",
        ),
        ("first\nlast", "Step failed: last."),
        ("", "Step failed: it said nothing."),
        (
            "npm error code ENOSPC\nlast",
            f"The disk that holds {ROOT} is full: free some space and start again.",
        ),
    ],
)
def test_a_failed_step_is_told_in_one_sentence(output: str, sentence: str) -> None:
    with pytest.raises(CannotStart) as told:
        run_step("Step", [sys.executable, "-c", f"import sys; print({output!r}); sys.exit(1)"])

    assert str(told.value) == sentence


def test_an_unknown_goal_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.setup", "fly"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (2, "Goals: run, test, lint, bench, chaos, shift, decode.\n")


def test_the_makefile_and_the_set_up_know_the_same_goals() -> None:
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))

    assert tuple(phony.split()[1:]) == GOALS
    assert set(MODULES) | {"test", "lint"} == set(GOALS)
