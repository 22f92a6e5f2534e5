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

from public_lookup import figures
from public_lookup.lookup import CHINA, Said, known_of
from public_lookup.pages import CLOCK, TIME, address_of, page, policy
from public_lookup.programs import as_json
from public_lookup.question import Question, Wanted
from public_lookup.words import NO_SUCH_CODE
from tenants.cards.card import Card
from tenants.rules.label_words import Genuine
from tenants.rules.refusal import Refusal

KEPT = 4096  # texts at most, of some 5 KB each; with codes asked for as unevenly as they are, every second question finds its own
SHARED_FOR = 30  # seconds; with the 20 for which an unconfirmed card is believed, a revoked cylinder is told as fine for less than a minute
Headers = tuple[tuple[str, str], ...]
Find = Callable[[str], Card | None]
Prove = Callable[[str, str], Genuine]  # of a code and the signature that came with it
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


def answer(question: Question, find: Find, prove: Prove, now: datetime) -> Answer:
    """200 for a cylinder, 404 for none, 400 malformed, a redirect to the sibling for a cylinder of the other family.

    `find` gives the card of a code, None where nobody has issued it; what it raises is the caller's. `prove` says what a signature is
    worth.
    """
    wanted = question.wanted
    if not wanted.code:
        return malformed(question, now)
    card = find(wanted.code)
    if card is None:
        reasons = ((Refusal.UNKNOWN_CODE.value, *NO_SUCH_CODE),)
        said = Said("unknown", wanted.language, wanted.code, None, reasons)
        return _written(wanted, said, 404).at(now, question.known)
    genuine = prove(wanted.code, wanted.signature) if wanted.signature else Genuine.ABSENT
    return _of_card(card, genuine, now.astimezone(CHINA).date(), wanted).at(now, question.known)


@lru_cache(maxsize=KEPT)
def _of_card(card: Card, genuine: Genuine, today: date, wanted: Wanted) -> Written:
    known = known_of(card.told(), wanted.code, today, genuine)
    if known.family is not None and known.family != wanted.family:
        return _elsewhere(wanted._replace(family=known.family))
    said = Said(known.status, wanted.language, wanted.code, known, known.reasons)
    return _written(wanted, said, 404 if known.status == "unknown" else 200)


def _elsewhere(wanted: Wanted) -> Written:
    where = ("Location", address_of(wanted))
    return Written(
        "redirect", 302, (where, ("Content-Type", "text/plain"), *_always(wanted.language), *NOT_KEPT), ()
    )


def malformed(question: Question, now: datetime) -> Answer:
    """400: there is no code in the address, or what no code can hold."""
    problem = question.problem
    why = ((problem.reason.value, problem.zh, problem.en),) if problem else ()
    said = Said("malformed", question.wanted.language, None, None, why)
    return _written(question.wanted, said, 400, question.typed).at(now)


def too_many(question: Question, now: datetime, wait: int) -> Answer:
    """429 with the seconds to wait."""
    return _trouble(question, "too_many", 429, max(1, wait)).at(now)


def unavailable(question: Question, now: datetime) -> Answer:
    """503: the database is away, come back."""
    return _trouble(question, "unavailable", 503, 120).at(now)


def _trouble(question: Question, face: str, status: int, wait: int) -> Written:
    wanted = question.wanted
    said, again = Said(face, wanted.language, None, None, ()), ("Retry-After", str(wait))
    return _written(wanted, said, status, wanted.code or question.typed, again)


def _written(wanted: Wanted, said: Said, status: int, typed: str = "", *more: tuple[str, str]) -> Written:
    pieces = as_json(said) if wanted.for_program else page(said, wanted, typed)
    kind = "application/json" if wanted.for_program else "text/html; charset=utf-8"
    kept = _kept(pieces) if wanted.for_program and status in (200, 404) else NOT_KEPT
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
