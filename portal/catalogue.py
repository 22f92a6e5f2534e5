"""Every text in the code and templates, and what of it has no English yet. `python -m portal.catalogue` writes the new ones down."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from portal.i18n import LOCALES, catalogue_path

ROOT = Path(__file__).parent.parent
ROOMS = (
    "tenants",
    "portal",
    "public_lookup",
    "integrations",
    "dashboards",
)  # workers speak both at once, at the terminal
KEYWORDS: Mapping[str, object] = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None, "say": None}


def extracted() -> Catalog:
    """What the code says to people, with the places where it does."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    found = Catalog(locale="zh", project="portal", charset="utf-8")
    for room in ROOMS:
        if not (ROOT / room).exists():
            continue
        for name, line, message, comments, context in extract_from_dir(
            str(ROOT / room), methods, options, KEYWORDS
        ):
            if _is_text(message):
                found.add(message, None, [(f"{room}/{name}", line)], auto_comments=comments, context=context)
    return found


def untranslated(locale: str) -> list[str]:
    """Texts without a translation, or with one that forgot a place to be filled in."""
    kept = kept_in(locale)
    lacking = []
    for message in extracted():
        if message.id and not (
            (there := kept.get(message.id)) and there.string and not there.fuzzy and _fits(there)
        ):
            lacking.append(str(message.id))
    return lacking


def kept_in(locale: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    with catalogue_path(locale).open("rb") as source:
        return read_po(source, locale=locale)


def update(locale: str) -> int:
    """Add new texts to the catalogue, drop those that are gone; returns how many lack a translation."""
    path = catalogue_path(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = kept_in(locale) if path.exists() else Catalog(locale=locale, project="portal")
    kept.update(extracted(), no_fuzzy_matching=True)
    kept.obsolete.clear()
    with path.open("wb") as target:
        write_po(
            target,
            kept,
            width=120,
            no_location=True,
            omit_header=False,
            sort_output=True,
            ignore_obsolete=True,
        )
    return len(untranslated(locale))


def _is_text(message: object) -> bool:
    """Only Chinese is a text to translate; everything else reads the same in both."""
    text = message if isinstance(message, str) else "".join(message) if isinstance(message, tuple) else ""
    return any("\u3000" <= letter <= "\u9fff" or letter in ";,:()!?" for letter in text)


def _fits(message: object) -> bool:
    return not any(True for _ in message.check(Catalog()))  # type: ignore[attr-defined]


if __name__ == "__main__":
    lacking = {locale: update(locale) for locale in LOCALES if locale != "zh"}
    sys.exit(1 if any(lacking.values()) else 0)
