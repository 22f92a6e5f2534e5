"""Two languages: the text in the code is Chinese, `translations/en/…/messages.po` has its English. Times are shown in Asia/Shanghai.

The catalogue is compiled in memory when first needed, so that nothing has to be built or can be out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale, gettext

from tenants.rules.states import NAMES

LOCALES = {"zh": "中文", "en": "English"}
ZONE = "Asia/Shanghai"
COOKIE = "language"
FOLDER = Path(__file__).parent / "translations"


def catalogue_path(locale: str) -> Path:
    """Where the texts of a language are."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


@cache
def compiled(locale: str) -> NullTranslations:
    """The catalogue of a language, compiled; Chinese needs none."""
    if locale == "zh":
        return NullTranslations()
    with catalogue_path(locale).open("rb") as source:
        catalogue = read_po(source, locale=locale)
    target = BytesIO()
    write_mo(target, catalogue)
    target.seek(0)
    return Translations(target)


class Compiled(Domain):
    """A flask-babel domain that reads the catalogue in memory."""

    def get_translations(self) -> NullTranslations:
        """The texts of this request's language."""
        return compiled(language())


def language() -> str:
    """zh or en: the account's choice, else the cookie's, else Chinese."""
    return str(get_locale() or "zh")[:2]


def chosen() -> str:
    """What flask-babel asks for; it never touches the database."""
    if not has_request_context():
        return "zh"
    person = g.get("person")
    wanted = person.locale if person is not None else request.cookies.get(COOKIE, "zh")
    return wanted if wanted in LOCALES else "zh"


def name_of(value: StrEnum | None) -> str:
    """The name of a value of the domain's lists."""
    if value is None:
        return ""
    return remembered(
        (type(value), value), lambda: NAMES[value].en if language() == "en" else NAMES[value].zh
    )


def remembered(key: Hashable, say: Callable[[], str]) -> str:
    """What was said once in this request; a list of 100,000 rows asks for the same few names."""
    said: dict[Hashable, str] = g.setdefault("said", {})
    if key not in said:
        said[key] = say()
    return said[key]


def spoken(text: str) -> str:
    """A sentence of the heart (`tenants.sentences`) in this request's language."""
    template = getattr(text, "template", None)
    if template is None:
        return gettext(text) if text else ""
    translated = gettext(template)
    return translated % text.values if text.values else translated  # type: ignore[attr-defined]


def set_up(app: Flask) -> None:
    """Languages and time zone for this app."""
    app.config.update(BABEL_DEFAULT_LOCALE="zh", BABEL_DEFAULT_TIMEZONE=ZONE)
    babel = Babel(app, locale_selector=chosen)
    babel.domain_instance = Compiled()
