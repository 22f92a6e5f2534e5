"""What a page is asked for: the address bar read with suspicion, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask_babel import get_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from dashboards.palette import Palette
from tenants.models import Tenant
from tenants.queries import districts, names

ZONE = ZoneInfo("Asia/Shanghai")
PREFIX = "/dashboards/"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one page: `district` is six digits, or nine for an enterprise, and always inside the jurisdiction.

    `unknown` are sentences about what the address asked for and nobody knows.
    """

    session: Session
    page: str
    jurisdiction: str
    district: str
    values: Mapping[str, str]
    now: datetime
    palette: Palette
    unknown: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    read: dict[object, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return self.now.astimezone(ZONE).date()

    @property
    def home(self) -> str:
        """The jurisdiction itself, as a code."""
        return self.jurisdiction.ljust(6, "0")

    @property
    def within(self) -> str | None:
        """The district for a query; None for the whole jurisdiction, which the wall draws anyway."""
        return None if self.district == self.home else self.district

    @property
    def days(self) -> int:
        """How many days the period has, today included."""
        return int(self.values.get("days") or "30")

    @property
    def since(self) -> date:
        """The first day."""
        return self.today - timedelta(days=self.days - 1)

    @property
    def before(self) -> tuple[date, date]:
        """The period of the same length before this one."""
        return self.since - timedelta(days=self.days), self.since - timedelta(days=1)

    @property
    def medium(self) -> str | None:
        """The medium, or None for all."""
        return self.values.get("m") or None

    @property
    def page_number(self) -> int:
        """Which page of the rows is asked for."""
        return max(1, int(self.values.get("p") or "1"))

    @property
    def language(self) -> str:
        """zh or en."""
        return str(get_locale() or "zh")[:2]

    def link(self, page: str | None = None, **changes: str | None) -> str:
        """An address with the same filters but for the changes; what is empty is left out."""
        wanted = {"d": self.within or "", **self.values, **changes}
        query = urlencode({key: value for key, value in wanted.items() if value})
        return f"{PREFIX}{page or self.page}" + (f"?{query}" if query else "")

    def once(self, name: str, load: Callable[[], T]) -> T:
        """What `load` reads for this district and these filters, however many charts of the page ask for it."""
        key = (name, self.district, *sorted(self.values.items()))
        if key not in self.read:
            self.read[key] = load()
        found: T = self.read[key]
        return found

    def place(self, code: str) -> str:
        """The name of a district, or the code where it has none."""
        if code not in self.known:
            self.known.update(districts.names_of(self.session, [code]))
        return self.known.setdefault(code, code)

    def medium_name(self, key: str) -> str:
        """The name of a medium in the reader's language."""
        if f"m.{key}" not in self.known:
            for named in names.media(self.session).values():
                self.known[f"m.{named.key}"] = named.en if self.language == "en" else named.zh
        return self.known.setdefault(f"m.{key}", key)

    def period(self) -> str:
        """The period in words."""
        return gettext("近 %(n)s 天", n=self.days)


def asked(search: str) -> dict[str, str]:
    """The parts of an address's question; of a repeated one the first."""
    return dict(reversed(parse_qsl(search.lstrip("?")[:2000])))


def district_of(session: Session, wanted: str, jurisdiction: str) -> str:
    """The wanted district when it exists and lies inside the jurisdiction, otherwise the jurisdiction itself."""
    home = jurisdiction.ljust(6, "0")
    if not (wanted.isascii() and wanted.isdigit() and wanted.startswith(jurisdiction)):
        return home
    if len(wanted) == 6 and districts.find_district(session, wanted):
        return wanted
    one = select(Tenant.id).where(Tenant.district == wanted[:6], Tenant.enterprise == wanted[6:])
    return wanted if len(wanted) == 9 and session.scalar(one) else home


def enterprise_name(session: Session, code: str) -> str:
    """The name of the enterprise with these nine digits."""
    one = select(Tenant.name).where(Tenant.district == code[:6], Tenant.enterprise == code[6:])
    return session.scalar(one) or code
