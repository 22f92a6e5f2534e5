"""The day on which a cylinder's inspection runs out, as a calendar file: a reminder without an account."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from public_lookup.lookup import facts_of
from public_lookup.words import Words
from tenants.cards.card import Card
from tenants.rules.codes import printed_url
from tenants.rules.fill import fillable_until

BEFORE = timedelta(days=30)  # the first reminder
DUE = Words("气瓶检验到期：瓶号 {serial}", "Cylinder inspection due: no. {serial}")
ABOUT = Words(
    "到期后不能再充装，请提前联系 {name} 送检或换瓶。",
    "It can't be refilled after this day: ask {name} to inspect or exchange it.",
)


def due_date(card: Card) -> date | None:
    """The last day on which the cylinder may be filled, None where no date is known or there is no cylinder."""
    cylinder = card.told()["cylinder"]
    return fillable_until(facts_of(cylinder)) if cylinder else None


def calendar_file(card: Card, code: str, language: str, now: datetime) -> bytes | None:
    """An iCalendar file with one whole-day event and a reminder a month before; None where there is no day to remember."""
    told, until = card.told(), due_date(card)
    if until is None:
        return None
    named = {"serial": told["cylinder"]["serial_no"], "name": told["enterprise"]["name"]}
    family = (told["medium"] or {}).get("family") or "Q"
    event = Event()
    event.add("uid", f"{code}@teshe.org.cn")
    event.add("dtstamp", now)
    event.add("dtstart", until)
    event.add("summary", DUE.in_(language).format(**named))
    event.add("description", ABOUT.in_(language).format(**named))
    event.add("url", printed_url(code, family))
    event.add("transp", "TRANSPARENT")
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("trigger", -BEFORE)
    reminder.add("description", DUE.in_(language).format(**named))
    event.add_component(reminder)
    found = Calendar()
    found.add("prodid", "-//gas cylinder portal//due dates//ZH")
    found.add("version", "2.0")
    found.add_component(event)
    return found.to_ical()
