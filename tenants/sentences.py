"""Sentences for people, written in Chinese where they are meant and translated at the edge.

`say("最多 %(most)d 个", most=5)` is a plain text in Chinese; whoever shows it in another language asks for `.template` and `.values`.
The names `say` and `template` are known to the extraction of texts, so that no sentence is left without its English.
"""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """A Chinese text that remembers how it was made."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]


def say(template: str, **values: Any) -> Sentence:
    """The Chinese text; `%(name)s` places are filled with the values."""
    sentence = Sentence(template % values if values else template)
    sentence.template, sentence.values = template, values
    return sentence
