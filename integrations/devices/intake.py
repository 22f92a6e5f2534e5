"""A call's events, sorted: those that can be kept, and those that can't be understood, each with its reason. No event stops another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from integrations.devices.body import flaw_in
from integrations.devices.event_signature import holds
from integrations.devices.outgoing import MalformedSaid, NoteSaid
from integrations.devices.schemas import Event
from integrations.devices.shape import Wrong, flawed, what_is_wrong
from integrations.devices.words import EVENTS, NOTES
from tenants.services.uploads import Receipt, Sent

FOREIGN_DATUM = "GCJ02"


@dataclass(slots=True)
class Intake:
    """What one call brought; sentences are in the caller's language."""

    language: str
    public_key: bytes | None = None  # of the device, where it has one
    must_be_signed: bool = False
    sent: list[Sent] = field(default_factory=list)
    malformed: list[MalformedSaid] = field(default_factory=list)
    notes: list[NoteSaid] = field(default_factory=list)

    def take(self, index: int, item: Any) -> None:
        """Look at one event."""
        if flaw := flaw_in(item):
            return self._refuse(index, flawed(flaw))
        try:
            event = Event.model_validate(item)
        except ValidationError as error:
            return self._refuse(index, what_is_wrong(Event, error)[0])
        if event.signature is None and self.must_be_signed:
            return self._refuse(index, Wrong("event_unsigned", "signature", EVENTS["event_unsigned"]))
        if event.signature is not None and self.public_key is not None and not holds(item, self.public_key):
            said = EVENTS["bad_event_signature"]
            return self._refuse(index, Wrong("bad_event_signature", "signature", said))
        body = kept(event)
        if "position_left_out" in body:
            self.note(index, "position_left_out")
        self.sent.append(Sent(index, UUID(event.id), event.seq, event.kind.value, body))
        return None

    def note(self, index: int, code: str) -> None:
        """Say something about an event that is taken all the same."""
        self.notes.append(NoteSaid(index=index, code=code, message=NOTES[code].in_(self.language)))

    def all_malformed(self, receipt: Receipt) -> list[MalformedSaid]:
        """Also those whose id turned out to belong to another event, in the order sent."""
        said = EVENTS["id_reused"].in_(self.language)
        reused = [MalformedSaid(index=i, code="id_reused", message=said, field="id") for i in receipt.reused]
        return sorted(self.malformed + reused, key=lambda one: one.index)

    def _refuse(self, index: int, wrong: Wrong) -> None:
        message = wrong.said.in_(self.language)
        self.malformed.append(MalformedSaid(index=index, code=wrong.code, message=message, field=wrong.field))


def sort_events(
    items: list[Any], language: str, public_key: bytes | None = None, *, must_be_signed: bool = False
) -> Intake:
    """Look at every event of a call; with the device's key, also at their signatures."""
    intake = Intake(language, public_key, must_be_signed)
    for index, item in enumerate(items):
        intake.take(index, item)
    return intake


def kept(event: Event) -> dict[str, Any]:
    """The body as the inbox keeps it: what was given, in one spelling. A position in another datum is kept aside, where no map looks."""
    given = event.model_dump(mode="json", exclude_none=True)
    body = {name: value for name, value in given.items() if value != ""}
    if event.position is not None and event.position.crs == FOREIGN_DATUM:
        body["position_left_out"] = body.pop("position")
    return body
