"""What the app says that the server says too: refusals, cautions, kinds of event, media, kinds of violation, in both languages."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any

from tenants.rules.codes import SENTENCES
from tenants.rules.fill import CAUTIONS
from tenants.rules.refusal import REASONS
from tenants.rules.states import NAMES, CylinderStatus, EventKind, Role, Stage


def tables() -> dict[str, Any]:
    """Sentences by code, each as [Chinese, English]; the app shows no code without its sentence."""
    return {
        "refusals": {
            refusal.value: {
                "say": [reason.sentence_zh, reason.sentence_en],
                "do": [reason.to_do_zh, reason.to_do_en],
                "severity": reason.severity.value,
                "clause": [reason.clause, reason.clause_en],
            }
            for refusal, reason in REASONS.items()
        },
        "cautions": {caution.value: list(said) for caution, said in CAUTIONS.items()},
        "scans": {problem.value: list(said) for problem, said in SENTENCES.items()},
        "names": {
            kind.__name__: {value.value: list(NAMES[value]) for value in kind}
            for kind in (EventKind, Role, Stage, CylinderStatus)
        }
        | {"Medium": _named("media.csv")},
        "violations": _named("violations.csv"),
    }


def _named(table: str) -> dict[str, list[str]]:
    """A published table's names by key."""
    with (files("tenants.reference") / table).open(encoding="utf-8-sig") as source:
        return {row["key"]: [row["name_zh"], row["name_en"]] for row in csv.DictReader(source)}
