"""Tags over the API: sign one (`POST /tags/sign`), check one (`POST /tags/verify`), restore one (`GET /tags/…/image`)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from flask import Blueprint, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from integrations.devices.answers import moment
from integrations.devices.describe import described
from integrations.devices.identity import from_base64
from integrations.devices.problems import Problem
from integrations.devices.reading import read_as
from integrations.devices.tag_shapes import (
    IMAGE,
    SIGN,
    VERIFY,
    FlawSaid,
    SignRequest,
    TagAnswer,
    VerifyAnswer,
    VerifyRequest,
)
from integrations.devices.tags.flaws import MEANINGS, Flaw
from integrations.devices.tags.image import encode, most_slots
from integrations.devices.tags.keyring import Keyring
from integrations.devices.tags.profiles import PROFILES
from integrations.devices.tags.reading import Known, Reading, Situation, Verdict, read
from integrations.devices.tags.sections import Base, Status
from integrations.devices.tags.telling import told
from integrations.devices.tags.writing import issue
from integrations.devices.words import Said, language
from tenants import scope
from tenants.errors import Conflict
from tenants.permissions import Permission, needs
from tenants.rules.codes import MalformedCode, printed_url
from tenants.services import keys, tags

LARGEST_MASS = 0xFFFF * 10  # g; what can't be said in 16 bits is not said


def put_on(bp: Blueprint) -> None:
    """The views of this file."""
    bp.post("/tags/sign")(post_tag_sign)
    bp.post("/tags/verify")(post_tag_verify)
    bp.get("/tags/<uid>/image")(get_tag_image)


@needs(Permission.DEVICE_TAGS_SIGN)
@described(SIGN)
def post_tag_sign() -> ResponseReturnValue:
    """200 with the image to write; the same again as long as nothing has changed."""
    asked = read_as(SignRequest, request)
    now, vault = datetime.now(UTC), current_app.extensions["device_vault"]

    def encoded(facts: tags.TagFacts, sign: tags.Sign) -> bytes:
        return _encoded(facts, asked.profile, asked.slots, sign)

    try:
        with scope.device_scope(g.caller.tenant_id) as session:
            kept = tags.sign_tag(
                session,
                g.actor,
                vault,
                asked.label,
                asked.uid,
                asked.profile,
                encoded,
                now,
                renew=asked.renew,
            )
    except MalformedCode as wrong:
        said = Said(wrong.zh, wrong.en).in_(language(request))
        raise Problem(
            "invalid", errors=[{"field": "label", "code": wrong.reason.value, "message": said}]
        ) from None
    except Conflict as conflict:
        raise Problem(str(conflict.details["code_hint"])) from None
    return jsonify(_answer(kept).model_dump(mode="json"))


@needs(Permission.DEVICE_TAGS)
@described(VERIFY)
def post_tag_verify() -> ResponseReturnValue:
    """200 with what the tag says and whether it holds, whatever was sent."""
    asked = read_as(VerifyRequest, request)
    message, now = from_base64(asked.image), datetime.now(UTC)
    if asked.image and not message:
        raise Problem("bad_image")
    with scope.device_scope(g.caller.tenant_id) as session:
        kept = tags.find_tag(session, asked.uid, lock=True)
        known = Known(*_numbers(kept.seen)) if kept else None
        about = Situation(_ring(session, now), now, known, asked.counter)
        reading = read(message, bytes.fromhex(asked.uid), about)
        if kept and reading.seen and reading.verdict is Verdict.HOLDS:
            seen = tags.Seen(*_numbers(reading.seen))
            tags.note_reading(session, asked.uid, seen, message, now)
            kept = tags.find_tag(session, asked.uid)
    return jsonify(_said(reading, kept, message).model_dump(mode="json"))


@needs(Permission.DEVICE_TAGS)
@described(IMAGE)
def get_tag_image(uid: str) -> ResponseReturnValue:
    """The newest image; another enterprise's chip and none are the same."""
    with scope.device_scope(g.caller.tenant_id) as session:
        kept = tags.get_tag(session, uid.upper())
    return jsonify(_answer(kept).model_dump(mode="json"))


def _encoded(facts: tags.TagFacts, profile: str, slots: int | None, sign: tags.Sign) -> bytes:
    """The message for these facts; raises Problem when the chip hasn't so many slots."""
    url = printed_url(facts.code, facts.family)
    most = most_slots(PROFILES[profile], url)
    if slots is not None and slots > most:
        raise Problem("no_room")
    grams = None if facts.max_fill_kg is None else int(facts.max_fill_kg * 1000)
    base = Base(
        kid=facts.kid,
        code=facts.code,
        due_on=facts.due_on,
        scrap_on=facts.scrap_on,
        status=Status[facts.status.name].value,
        seq=facts.seq,
        issued_at=facts.issued_at,
        max_fill_g=grams if grams is not None and grams <= LARGEST_MASS else None,
    )
    return encode(issue(base, url, bytes.fromhex(facts.uid), most if slots is None else slots, sign))


def _ring(session: Session, now: datetime) -> Keyring:
    """Every key that a device of this enterprise would be told."""
    ring = keys.keyring(session, current_app.extensions["device_vault"], now)
    return Keyring.from_json(json.loads(ring.payload)["keys"])


def _numbers(seen: Known | tags.Seen) -> tuple[int, int, int, str, int | None]:
    return seen.base_seq, seen.fill_seq, seen.finding_seq, seen.digest, seen.counter


def _answer(kept: tags.KeptTag) -> TagAnswer:
    return TagAnswer(
        uid=kept.uid,
        label=kept.code,
        profile=kept.profile,
        image=base64.b64encode(kept.image).decode(),
        seq=kept.base_seq,
        kid=kept.kid,
        signed_at=moment(kept.signed_at),
        anew=kept.anew,
    )


def _said(reading: Reading, kept: tags.KeptTag | None, message: bytes) -> VerifyAnswer:
    spoken = language(request)
    parts = told(reading)
    return VerifyAnswer(
        verdict=reading.verdict.value,
        flaws=[_flaw_said(flaw, spoken) for flaw in reading.flaws],
        url=reading.url,
        base=parts["base"],
        fill=parts["fill"],
        findings=parts["findings"],
        known=kept is not None,
        to_write=kept is not None and kept.image != message and not _waits(reading, kept),
    )


def _waits(reading: Reading, kept: tags.KeptTag) -> bool:
    """Whether the tag has something that can't be checked yet, and that writing would take away."""
    unsure = reading.verdict is Verdict.UNSURE
    return unsure and reading.base is not None and reading.base.seq == kept.base_seq


def _flaw_said(flaw: Flaw, spoken: str) -> FlawSaid:
    meaning = MEANINGS[flaw.fault]
    return FlawSaid(
        part=flaw.part.value,
        code=flaw.fault.value,
        at=flaw.at,
        message=Said(meaning.zh, meaning.en).in_(spoken),
    )
