"""What a citizen typed, checked: nothing is lost that was typed, and each problem stands by its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from public_lookup.photo import LARGEST, Unusable, made_anew
from tenants.rules.codes import MalformedCode, parse_scan
from tenants.rules.reports import LEAST_WORDS, MOST_WORDS, ReportKind, ReportMatter, dialled

KEPT = ("code", "kind", "matter", "words", "phone", "hidden")
LONGEST = {"code": 200, "phone": 40}


@dataclass(slots=True)
class Typed:
    """The fields as they were typed, and what is wrong with which: a field's name and a key of the words."""

    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    photo: bytes | None = None
    photo_came: bool = False

    @property
    def code(self) -> str:
        """The code without blanks and marks; call it where there is no problem."""
        return parse_scan(self.values["code"]).code

    @property
    def phone(self) -> str:
        """The number's digits, empty where none was left."""
        return dialled(self.values["phone"]) or ""


def checked(form: Mapping[str, str], photo: bytes | None) -> Typed:
    """Everything that was typed, with every problem at once."""
    values = {key: form.get(key, "").strip().replace("\r\n", "\n")[: LONGEST.get(key, 5000)] for key in KEPT}
    typed = Typed(values, photo_came=bool(photo))
    problems = {
        "code": "no_code" if not _is_code(values["code"]) else "",
        "kind": "no_kind" if values["kind"] not in set(ReportKind) else "",
        "matter": "no_matter" if values["matter"] not in set(ReportMatter) else "",
        "words": _about_words(values["words"]),
        "phone": "no_phone" if values["phone"] and dialled(values["phone"]) is None else "",
    }
    typed.problems = {key: problem for key, problem in problems.items() if problem}
    if photo:
        _look_at(typed, photo)
    return typed


def _look_at(typed: Typed, photo: bytes) -> None:
    """Only a report that is in order is worth opening its photo."""
    if len(photo) > LARGEST:
        typed.problems["photo"] = "too_large"
    elif not typed.problems:
        try:
            typed.photo = made_anew(photo)
        except Unusable as unusable:
            typed.problems["photo"] = unusable.why


def _is_code(given: str) -> bool:
    try:
        parse_scan(given)
    except MalformedCode:
        return False
    return True


def _about_words(words: str) -> str:
    if len(words) < LEAST_WORDS:
        return "no_words"
    return "long_words" if len(words) > MOST_WORDS else ""
