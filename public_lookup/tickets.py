"""The token in a report's form, and the ticket that comes of it.

One form gives one ticket, however often it is sent: number and secret are derived from what the signed token holds.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from public_lookup.lookup import CHINA

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET = 10  # letters of 5 bits
GOOD_FOR = 24 * 3600  # seconds
QUICK = 3  # seconds in which nobody fills in a form
TICKET = re.compile(rf"([0-9]{{14}})-?([{LETTERS}]{{{SECRET}}})")


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was handed out: its token, a small sum to be asked when in doubt, and how old it is."""

    token: str
    nonce: str
    first: int
    second: int
    made_at: datetime
    age: float = 0

    @property
    def quick(self) -> bool:
        """Whether it came back sooner than a person types."""
        return self.age < QUICK


class Tickets:
    """Forms handed out and recognised; every web process with the same secret knows them."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._signer = URLSafeTimedSerializer(secret, salt="report-form")

    def form(self, now: datetime) -> Form:
        """A new form."""
        holds = (secrets.token_hex(16), 2 + secrets.randbelow(8), 2 + secrets.randbelow(8))
        return Form(self._signer.dumps(holds), *holds, now)

    def returned(self, token: str, now: datetime) -> Form | None:
        """The form that comes back; None for one that is too old or wasn't made here."""
        try:
            holds, made_at = self._signer.loads(token, max_age=GOOD_FOR, return_timestamp=True)
        except (SignatureExpired, BadSignature):
            return None
        nonce, first, second = holds
        return Form(token, nonce, first, second, made_at, (now - made_at).total_seconds())

    def ticket(self, form: Form) -> str:
        """The ticket of a form: 14 digits that may be told, and a secret."""
        made = hmac.new(self._secret, form.nonce.encode(), sha256).digest()
        digits = int.from_bytes(made[:8], "big") % 10**8
        secret = "".join(LETTERS[byte % 32] for byte in made[8 : 8 + SECRET])
        return f"{form.made_at.astimezone(CHINA):%y%m%d}{digits:08d}-{secret}"


def read(ticket: str) -> str | None:
    """A ticket as it was given out, however it was typed; None when it can't be one."""
    found = TICKET.fullmatch("".join(ticket.split()).upper())
    return f"{found[1]}-{found[2]}" if found else None


def hashed(ticket: str) -> str:
    """What the database keeps of it."""
    return sha256(ticket.encode()).hexdigest()
