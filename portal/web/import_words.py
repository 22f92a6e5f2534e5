"""What an import found, in the reader's language: column names, reasons, how to mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from portal import i18n
from tenants.sentences import say
from tenants.services.imports.problems import Problem
from tenants.services.imports.template import Importer


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in words for people."""

    column: str
    title: str
    value: str
    reason: str
    mend: str
    grave: bool


def told(importer: Importer, problem: Problem) -> Told:
    """The problem in the reader's language."""
    return Told(
        column=problem.column,
        title=column_name(importer, problem.column),
        value=problem.value,
        reason=_spoken(importer, problem.reason),
        mend=_spoken(importer, problem.mend),
        grave=problem.grave,
    )


def column_name(importer: Importer, key: str) -> str:
    """What the template calls a column; "" for the whole row."""
    for column in importer.columns:
        if column.key == key:
            return column.names.en if i18n.language() == "en" else column.names.zh
    return ""


def _spoken(importer: Importer, sentence: Any) -> str:
    values: dict[str, Any] = dict(sentence.values)
    if isinstance(values.get("columns"), list):  # keys of columns, to be named
        values["columns"] = gettext("、").join(column_name(importer, key) for key in values["columns"])
    return i18n.spoken(say(sentence.template, **values)) if sentence.template else ""
