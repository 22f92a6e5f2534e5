"""Tags: what a chip is signed with, the newest image of it, and how far readers have seen it count.

The bytes are the business of whoever calls: signing gets an encoder, which is handed the facts and a way to sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, NotFound
from tenants.models import Cylinder, Label, Tag, Tenant
from tenants.permissions import Actor
from tenants.rules.codes import parse_scan
from tenants.rules.fill import fillable_until
from tenants.rules.states import CylinderStatus, KeyPurpose, LabelState
from tenants.services import keys
from tenants.services.facts import facts_of
from tenants.services.labels import get_label
from tenants.vault import Vault

LPG = "LPG"
LAST_SEQ = 0xFFFF


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What the base of a tag says; `family` is L or Q, `seq` and `kid` are this issue's."""

    uid: str
    code: str
    family: str
    due_on: date | None
    scrap_on: date | None
    status: CylinderStatus
    max_fill_kg: Decimal | None
    seq: int
    kid: int
    issued_at: datetime

    def says(self, profile: str) -> str:
        """Everything that would have to be signed anew if it changed."""
        return "|".join(
            map(
                str,
                (
                    profile,
                    self.code,
                    self.family,
                    self.due_on,
                    self.scrap_on,
                    self.status.value,
                    self.max_fill_kg,
                ),
            )
        )


@dataclass(frozen=True, slots=True)
class KeptTag:
    """A chip as the server knows it; `anew` says whether it was signed just now."""

    uid: str
    code: str
    profile: str
    base_seq: int
    kid: int
    image: bytes
    signed_at: datetime
    seen: Seen
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest that was ever read from a chip; `digest` is that base's, hex."""

    base_seq: int = 0
    fill_seq: int = 0
    finding_seq: int = 0
    digest: str = ""
    counter: int | None = None

    def is_older(self, other: Seen) -> bool:
        """Whether the other counts further in something, and in nothing less."""
        if other.base_seq != self.base_seq:
            return other.base_seq > self.base_seq
        mine, others = (self.fill_seq, self.finding_seq), (other.fill_seq, other.finding_seq)
        return mine != others and mine[0] <= others[0] and mine[1] <= others[1]


Sign = Callable[[bytes], bytes]
Encode = Callable[[TagFacts, Sign], bytes]


def sign_tag(
    session: Session,
    actor: Actor,
    vault: Vault,
    label: str,
    uid: str,
    profile: str,
    encode: Encode,
    now: datetime,
    *,
    renew: bool = False,
) -> KeptTag:
    """The image for this chip on this label's cylinder, signed by the platform and kept.

    The same facts again give the newest image again, unless `renew` is set or the key that signed it was revoked. Raises MalformedCode,
    NotFound, Unavailable, or Conflict with `details["code_hint"]`: label_unbound, chip_elsewhere, numbers_used_up.
    """
    session.execute(select(func.pg_advisory_xact_lock(1734439751, func.hashtext(uid))))
    known = get_label(session, parse_scan(label, _district(session)).code)
    cylinder = _cylinder_of(session, known, uid)
    tag = session.scalars(select(Tag).where(Tag.uid == uid).with_for_update()).one_or_none()
    facts = _facts(session, known, cylinder, uid, tag, now)
    says = facts.says(profile)
    if tag is not None and tag.says == says and not renew and _is_believed(session, tag.kid, now):
        return _kept(tag, known.code)
    if facts.seq > LAST_SEQ:
        raise Conflict("this chip was signed too often", code_hint="numbers_used_up")
    image = encode(facts, lambda message: keys.sign(session, KeyPurpose.TAG, message, vault, now).signature)
    tag = tag or Tag(uid=uid)
    tag.label_id, tag.profile, tag.says, tag.image = known.id, profile, says, image
    tag.base_seq, tag.kid, tag.signed_at = facts.seq, facts.kid, now
    session.add(tag)
    session.flush()
    audit.write(session, actor, audit.Action.TAG_SIGNED, known.code, uid=uid, seq=facts.seq, kid=facts.kid)
    return replace(_kept(tag, known.code), anew=True)


def find_tag(session: Session, uid: str, *, lock: bool = False) -> KeptTag | None:
    """The chip with this number, or None."""
    wanted = select(Tag, Label.code).join(
        Label, (Label.tenant_id == Tag.tenant_id) & (Label.id == Tag.label_id)
    )
    row = session.execute(
        (wanted.with_for_update(of=Tag) if lock else wanted).where(Tag.uid == uid)
    ).one_or_none()
    return None if row is None else _kept(row[0], row[1])


def get_tag(session: Session, uid: str) -> KeptTag:
    """The chip with this number; raises NotFound."""
    found = find_tag(session, uid)
    if found is None:
        raise NotFound(f"tag {uid}")
    return found


def note_reading(session: Session, uid: str, seen: Seen, image: bytes, now: datetime) -> None:
    """Remember a content that holds. Numbers never fall; the image is kept when it counts further on what was signed last."""
    tag = session.scalars(select(Tag).where(Tag.uid == uid).with_for_update()).one_or_none()
    if tag is None:
        return
    before = _seen(tag)
    if tag.seen_at is None or before.is_older(seen):
        if seen.base_seq == tag.base_seq:
            tag.image = image
        tag.seen_base_seq, tag.seen_fill_seq, tag.seen_finding_seq = (
            seen.base_seq,
            seen.fill_seq,
            seen.finding_seq,
        )
        tag.seen_digest = seen.digest
    tag.seen_counter = max((n for n in (tag.seen_counter, seen.counter) if n is not None), default=None)
    tag.seen_at = now


def _cylinder_of(session: Session, label: Label, uid: str) -> Cylinder:
    """The cylinder of a label that this chip may be signed for; raises Conflict."""
    if label.state != LabelState.BOUND.value or label.cylinder_id is None:
        raise Conflict("this label stands on no cylinder", code_hint="label_unbound")
    elsewhere = select(Label.id).where(
        Label.uid == uid, Label.state == LabelState.BOUND.value, Label.id != label.id
    )
    if label.uid not in (None, uid) or session.scalar(elsewhere.limit(1)) is not None:
        raise Conflict("label and chip don't belong together", code_hint="chip_elsewhere")
    return session.get_one(Cylinder, (label.tenant_id, label.cylinder_id))


def _facts(
    session: Session, label: Label, cylinder: Cylinder, uid: str, tag: Tag | None, now: datetime
) -> TagFacts:
    facts = facts_of(cylinder, ())
    end = facts.end_of_life
    return TagFacts(
        uid=uid,
        code=label.code,
        family="L" if cylinder.medium_id == LPG else "Q",
        due_on=fillable_until(facts),
        scrap_on=end.last_legal_day() if end else None,
        status=facts.status,
        max_fill_kg=cylinder.max_fill_kg,
        seq=1 if tag is None else max(tag.base_seq, tag.seen_base_seq) + 1,
        kid=keys.signing_key(session, KeyPurpose.TAG, now).kid,
        issued_at=now,
    )


def _is_believed(session: Session, kid: int, now: datetime) -> bool:
    return keys.public_key_of(session, KeyPurpose.TAG, kid, now) is not None


def _district(session: Session) -> str:
    return session.scalars(select(Tenant.district)).one()


def _kept(tag: Tag, code: str) -> KeptTag:
    return KeptTag(tag.uid, code, tag.profile, tag.base_seq, tag.kid, tag.image, tag.signed_at, _seen(tag))


def _seen(tag: Tag) -> Seen:
    return Seen(
        tag.seen_base_seq or 0,
        tag.seen_fill_seq or 0,
        tag.seen_finding_seq or 0,
        tag.seen_digest or "",
        tag.seen_counter,
    )
