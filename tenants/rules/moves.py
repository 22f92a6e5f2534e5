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
_WITH_USER = frozenset({Stage.OUT, Stage.DELIVERED})

# kind → (stage it leads to, stages it is expected in); None leads nowhere: the cylinder stays where it is
MOVES: dict[EventKind, tuple[Stage | None, frozenset[Stage]]] = {
    EventKind.BIND_LABEL: (None, _ANYWHERE),
    EventKind.TAKE_IN: (Stage.EMPTY_STORED, _EMPTY | _WITH_USER),
    EventKind.CHECK_BEFORE_FILL: (Stage.CHECKED, _EMPTY),
    EventKind.FILL: (Stage.FULL_STORED, frozenset({Stage.CHECKED})),
    EventKind.CHECK_AFTER_FILL: (None, frozenset({Stage.FULL_STORED})),
    EventKind.SEND_TO_INSPECTION: (Stage.AT_INSPECTION, _ANYWHERE),
    EventKind.INSPECT: (Stage.EMPTY_STORED, _EMPTY),
    EventKind.REPAIR: (Stage.AT_REPAIR, _EMPTY | {Stage.FULL_STORED}),
    EventKind.STORE_IN: (None, _ANYWHERE - {Stage.DELIVERED}),  # where to: STORED_AGAIN
    EventKind.STORE_OUT: (Stage.OUT, frozenset({Stage.FULL_STORED})),
    EventKind.DELIVER: (Stage.DELIVERED, frozenset({Stage.FULL_STORED, Stage.OUT})),
    EventKind.RECOVER: (Stage.RECOVERED, _WITH_USER),
    EventKind.SCRAP: (Stage.OUT_OF_USE, frozenset(Stage)),
    EventKind.FINDING: (None, frozenset(Stage)),
    EventKind.TAG_WRITTEN: (None, frozenset(Stage)),
}

# what comes back from the road is as full as it left; what comes back from anywhere else is empty, or taken for it
STORED_AGAIN: dict[Stage, Stage] = {
    Stage.NEW: Stage.EMPTY_STORED,
    Stage.OUT: Stage.FULL_STORED,
    Stage.DELIVERED: Stage.EMPTY_STORED,
    Stage.RECOVERED: Stage.EMPTY_STORED,
    Stage.AT_INSPECTION: Stage.EMPTY_STORED,
    Stage.AT_REPAIR: Stage.EMPTY_STORED,
}


@dataclass(frozen=True, slots=True)
class Move:
    """Where the cylinder is after the event, and whether the step is believable."""

    to: Stage
    plausible: bool


def move(kind: EventKind, before: Stage) -> Move:
    """The step that an applied event makes; a refused fill or a failed check makes none and isn't asked for here."""
    to, expected = MOVES[kind]
    if before is Stage.OUT_OF_USE:  # nothing leads out of it
        return Move(before, before in expected)
    if kind is EventKind.STORE_IN:
        to = STORED_AGAIN.get(before)
    return Move(before if to is None else to, before in expected)
