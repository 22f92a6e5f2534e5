"""How a module declares its import: which columns its file has, how each is read, and what is done with the rows.

A new import is one file like `cylinders.py` and one line in `registry.py`; reading, checking, applying, taking back, pages, templates to
download and the file of rejected rows are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from tenants.permissions import Actor
from tenants.rules.states import Names
from tenants.sentences import Sentence
from tenants.services.imports.problems import Problem

Cell = Any  # str, int, float, bool, date, datetime, time, timedelta: what a file can hold
Parse = Callable[[Cell], Any]  # raises Unreadable


NOTES_SHEETS = (Names("说明", "Notes"), Names("选项", "Choices"))  # of our own template; nobody misses them


class Unreadable(ValueError):
    """A cell that can't be read; `reason` and `mend` say why and what to do."""

    def __init__(self, reason: Sentence, mend: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumn:
    """One column: its names, other names it goes by, how a cell is read, and what to tell whoever fills it in."""

    key: str
    names: Names
    aliases: tuple[str, ...] = ()
    parse: Parse
    example: str = ""
    must: bool = False
    hint: Sentence | None = None
    own: bool = True  # False: understood when it is there, and not part of the template to download


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is known and not taken over, and why."""

    names: Names
    aliases: tuple[str, ...]
    why: Sentence


@dataclass(slots=True)
class Row:
    """One row of the file on its way: values by column key, what is wrong, and what must not stand in a second row."""

    number: int
    cells: Sequence[Cell]
    given: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    claims: list[tuple[str, str]] = field(default_factory=list)  # (column key, value)
    values: dict[str, Any] | None = None  # what will be written, as JSON; None for a row that can't be

    @property
    def bad(self) -> bool:
        """Whether the row can't be taken over."""
        return any(problem.grave for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A row that can't be taken back, and why."""

    row_no: int
    what: str
    why: Sentence


class Judge(Protocol):
    """The module's own look at rows, made once for one check."""

    def look(self, rows: Sequence[Row]) -> None:
        """Add problems and claims to a batch of rows, and the values of those that can be written."""


class Importer(Protocol):
    """What a module does with an import. The services that call it have opened the scope; nothing here commits."""

    kind: str
    title: Names
    columns: tuple[ImportColumn, ...]
    left_out: tuple[LeftOut, ...]
    twice: Mapping[
        str, Callable[[str], Sentence]
    ]  # claim → the sentence for a value that stands in the rows named

    def judge(self, session: Session) -> Judge:
        """Whoever looks at the rows of one check."""

    def choices(self, session: Session) -> Mapping[str, Sequence[str]]:
        """For the template to download: what may be chosen in a column, by its key."""

    def conflicts(self, session: Session, run_id: UUID) -> int:
        """Look again at what may have changed since the check; mark rows that can no longer be written as bad; how many."""

    def write(self, session: Session, actor: Actor, run_id: UUID, first: int, last: int) -> int:
        """Write the good rows numbered `first` to `last`; how many."""

    def hindrances(self, session: Session, run_id: UUID, most: int) -> tuple[int, Sequence[Hindrance]]:
        """How many rows can't be taken back, and some of them; locks what would be deleted."""

    def remove(self, session: Session, actor: Actor, run_id: UUID) -> int:
        """Take back what was written; how many rows."""


def names_of(column: ImportColumn | LeftOut) -> tuple[str, ...]:
    """Everything a column may be called."""
    return (column.names.zh, column.names.en, *column.aliases)
