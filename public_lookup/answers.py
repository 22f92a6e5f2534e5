"""Which answer a question gets, and how it is sent.

What a card says on a day is written down once and told again while it is asked for often: the same card, day, language and address
give the same text but for the moment of the question. Nothing that is kept outlives a change, because the card itself is the key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from urllib.parse import urlencode

from public_lookup import figures
from public_lookup.lookup import CHINA, Said, known_of
from public_lookup.pages import CLOCK, TIME, page, policy
from public_lookup.programs import as_json
from public_lookup.question import Question
from public_lookup.words import NO_SUCH_CODE
from tenants.cards.card import Card
from tenants.rules.refusal import Refusal

KEPT = 4096  # texts at most, of some 5 KB each; with codes asked for as unevenly as they are, every second question finds its own
SHARED_FOR = 30  # seconds; with the 20 for which an unconfirmed card is believed, a revoked cylinder is told as fine for less than a minute
Headers = tuple[tuple[str, str], ...]
Find = Callable[[str], Card | None]
NOT_KEPT: Headers = (
    ("Cache-Control", "private, no-store"),
)  # a phone that was handed on doesn't show what was looked up before
_TIME, _CLOCK = TIME.encode(), CLOCK.encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """An answer but for its moment, which is put where TIME and CLOCK stand among the pieces."""

    face: str
    status: int
    headers: Headers
    pieces: tuple[bytes, ...]

    def at(self, now: datetime, known: str = "") -> Answer:
        """The answer at this moment, counted; without its text where the asker knows it already, by its tag."""
        figures.lookups.labels(self.face).inc()
        if known and any(name == "ETag" and value in known for name, value in self.headers):
            return Answer(304, self.headers[1:], b"")
        time, clock = _moment(int(now.timestamp()))
        body = b"".join(
            [time if piece == _TIME else clock if piece == _CLOCK else piece for piece in self.pieces]
        )
        return Answer(self.status, self.headers, body)


def answer(question: Question, find: Find, now: datetime) -> Answer:
    """200 for a cylinder, 404 for none, 400 malformed, a redirect to the sibling for a cylinder of the other family.

    `find` gives the card of a code, None where nobody has issued it; what it raises is the caller's.
    """
    if question.code is None:
        return malformed(question, now)
    code = question.code.code
    card = find(code)
    if card is None:
        reasons = ((Refusal.UNKNOWN_CODE.value, *NO_SUCH_CODE),)
        said = Said("unknown", question.language, code, None, reasons)
        return _written(question, said, 404).at(now, question.known)
    return _of_card(
        card, code, now.astimezone(CHINA).date(), question.family, question.language, question.chosen, question.for_program
    ).at(now, question.known)  # fmt: skip


@lru_cache(maxsize=KEPT)
def _of_card(
    card: Card, code: str, today: date, family: str, language: str, chosen: bool, for_program: bool
) -> Written:
    known = known_of(card.told(), code, today)
    if known.family is not None and known.family != family:
        fields = {"id": code, "lang": language} if chosen else {"id": code}
        where = ("Location", f"/{known.family}?{urlencode(fields)}")
        return Written(
            "redirect", 302, (where, ("Content-Type", "text/plain"), *_always(language), *NOT_KEPT), ()
        )
    question = Question(family, None, None, "", language, chosen, for_program, "")
    said = Said(known.status, language, code, known, known.reasons)
    return _written(question, said, 404 if known.status == "unknown" else 200)


def malformed(question: Question, now: datetime) -> Answer:
    """400: there is no code in the address, or what no code can hold."""
    problem = question.problem
    why = ((problem.reason.value, problem.zh, problem.en),) if problem else ()
    return _written(question, Said("malformed", question.language, None, None, why), 400).at(now)


def too_many(question: Question, now: datetime, wait: int) -> Answer:
    """429 with the seconds to wait."""
    return _trouble(question, "too_many", 429, max(1, wait)).at(now)


def unavailable(question: Question, now: datetime) -> Answer:
    """503: the database is away, come back."""
    return _trouble(question, "unavailable", 503, 120).at(now)


def _trouble(question: Question, face: str, status: int, wait: int) -> Written:
    return _written(
        question, Said(face, question.language, None, None, ()), status, ("Retry-After", str(wait))
    )


def _written(question: Question, said: Said, status: int, *more: tuple[str, str]) -> Written:
    typed = question.code.code if question.code else question.typed
    pieces = as_json(said) if question.for_program else page(said, question.family, typed)
    kind = "application/json" if question.for_program else "text/html; charset=utf-8"
    kept = _kept(pieces) if question.for_program and status in (200, 404) else NOT_KEPT
    return Written(said.face, status, (("Content-Type", kind), *_always(said.language), *kept, *more), pieces)


def _kept(pieces: tuple[bytes, ...]) -> Headers:
    """What programs' answers say to caches: kept for half a minute by those between us, and then asked for by their tag."""
    tag = blake2b(b"".join(pieces), digest_size=12).hexdigest()
    return ("Cache-Control", f"public, max-age=0, s-maxage={SHARED_FOR}, must-revalidate"), (
        "ETag",
        f'W/"{tag}"',
    )


@lru_cache(maxsize=2)
def _moment(second: int) -> tuple[bytes, bytes]:
    """A moment for machines, and for people in China."""
    then = datetime.fromtimestamp(second, UTC)
    return then.isoformat().encode(), f"{then.astimezone(CHINA):%Y-%m-%d %H:%M}".encode()


@cache
def _always(language: str) -> Headers:
    """What every answer says to caches, search engines and the browser."""
    return (
        ("X-Robots-Tag", "noindex"),
        ("Vary", "Accept, Accept-Language"),
        ("Content-Language", language),
        ("Content-Security-Policy", policy()),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    )
