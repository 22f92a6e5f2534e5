"""What is wrong with a file, a row or a value: a sentence, how to mend it, and whether the row can't be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenants.sentences import Sentence, say

NOTHING = say(*("",))  # no sentence
LONGEST_VALUE = 60  # characters of a value that are shown


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to tell. `column` is a key of the template, "" for the whole row; `grave` means that the row is not taken over."""

    column: str
    reason: Sentence
    mend: Sentence
    value: str = ""
    grave: bool = True

    def as_json(self) -> dict[str, Any]:
        """What is kept: the sentences as templates, so that they can be told in any language."""
        return {
            "column": self.column,
            "reason": [self.reason.template, self.reason.values],
            "mend": [self.mend.template, self.mend.values],
            "value": shown(self.value),
            "grave": self.grave,
        }


def from_json(kept: dict[str, Any]) -> Problem:
    """A problem as it was kept."""
    return Problem(
        column=str(kept["column"]),
        reason=_sentence(kept["reason"]),
        mend=_sentence(kept["mend"]),
        value=str(kept["value"]),
        grave=bool(kept["grave"]),
    )


def notice(reason: Sentence, mend: Sentence | None = None) -> Problem:
    """Something to know about the whole file that keeps no row from being used."""
    return Problem("", reason, mend or NOTHING, grave=False)


def shown(value: str) -> str:
    """A value as it can be kept and shown: short, and without signs that can't be seen."""
    clean = "".join(sign if sign.isprintable() else "\ufffd" for sign in value[: LONGEST_VALUE + 1])
    return clean if len(clean) <= LONGEST_VALUE else clean[:LONGEST_VALUE] + "…"


def _sentence(kept: Any) -> Sentence:
    template, values = kept
    return say(template, **values)
