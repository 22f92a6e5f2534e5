"""Where an event leads a cylinder in its round, and which steps are hard to believe.

An implausible step is never refused: it has happened, or somebody says so. It is recorded and marked, so that a person can look.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenants.rules.states import EventKind, Stage

_ANYWHERE = frozenset(Stage) - {Stage.OUT_OF_USE}
_EMPTY = frozenset(
    {Stage.NEW, Stage.EMPTY_STORED, Stage.CHECKED, Stage.RECOVERED, Stage.AT_INSPECTION, Stage.AT_REPAIR}
)
_FULL = frozenset({Stage.FULL_STORED, Stage.OUT})

# kind → (stage it leads to, stages it is expected in); None leads nowhere: the cylinder stays where it is
MOVES: dict[EventKind, tuple[Stage | None, frozenset[Stage]]] = {
    EventKind.BIND_LABEL: (None, _ANYWHERE),
    EventKind.TAKE_IN: (Stage.EMPTY_STORED, _EMPTY | {Stage.DELIVERED, Stage.OUT}),
    EventKind.CHECK_BEFORE_FILL: (Stage.CHECKED, _EMPTY),
    EventKind.FILL: (Stage.FULL_STORED, frozenset({Stage.CHECKED})),
    EventKind.CHECK_AFTER_FILL: (None, frozenset({Stage.FULL_STORED})),
    EventKind.SEND_TO_INSPECTION: (Stage.AT_INSPECTION, _ANYWHERE),
    EventKind.INSPECT: (Stage.EMPTY_STORED, _EMPTY),
    EventKind.REPAIR: (Stage.AT_REPAIR, _EMPTY | {Stage.FULL_STORED}),
    EventKind.STORE_IN: (None, _ANYWHERE),
    EventKind.STORE_OUT: (Stage.OUT, frozenset({Stage.FULL_STORED})),
    EventKind.DELIVER: (Stage.DELIVERED, _FULL),
    EventKind.RECOVER: (Stage.RECOVERED, frozenset({Stage.DELIVERED, Stage.OUT})),
    EventKind.SCRAP: (Stage.OUT_OF_USE, frozenset(Stage)),
    EventKind.FINDING: (None, frozenset(Stage)),
    EventKind.TAG_WRITTEN: (None, frozenset(Stage)),
}

_STORED_AGAIN = {Stage.OUT: Stage.FULL_STORED, Stage.RECOVERED: Stage.EMPTY_STORED, Stage.AT_REPAIR: Stage.EMPTY_STORED,
                 Stage.AT_INSPECTION: Stage.EMPTY_STORED, Stage.NEW: Stage.EMPTY_STORED}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """Where the cylinder is after the event, and whether the step is believable."""

    to: Stage
    plausible: bool


def move(kind: EventKind, before: Stage) -> Move:
    """The step that an applied event makes; a refused fill makes none and isn't asked for here."""
    to, expected = MOVES[kind]
    if kind is EventKind.STORE_IN:
        to = _STORED_AGAIN.get(before, before)
    return Move(to if to is not None else before, before in expected)
