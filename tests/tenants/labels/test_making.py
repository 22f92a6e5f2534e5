"""A run's artwork: made once, by a worker that tells how far it is and can be stopped; fetched on record; spoilt numbers stay spoilt."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tenants import scope
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Label, LabelFile, LabelIssue, LabelMaking
from tenants.permissions import Actor
from tenants.queries.label_keys import believed_keys
from tenants.rules.label_signature import check, signature, signature_in
from tenants.rules.label_words import Genuine, MakingState, Spoilt
from tenants.rules.states import LabelKind, LabelState, Role
from tenants.services import keys, label_claims, label_making, label_work, labels
from tenants.vault import Vault
from tests.cast import A, B, Enterprise
from tests.databases import Database
from tests.tenants.artwork import camera


class Shop:
    """A manager who orders labels and the worker behind."""

    def __init__(self, database: Database, enterprise: Enterprise = A) -> None:
        self.database, self.enterprise = database, enterprise
        self.vault = Vault.of(database.settings)
        self.actor = Actor(
            role=Role.ADMIN, username=enterprise.username(Role.ADMIN), tenant_id=enterprise.tenant_id
        )

    def order(self, quantity: int, kind: LabelKind = LabelKind.METAL) -> UUID:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return labels.order_run(session, self.actor, "01", quantity, kind).id

    def ask(self, run_id: UUID, part: int = 1) -> UUID:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return label_making.order_making(session, self.actor, run_id, part).id

    def work(self) -> None:
        while claim := label_claims.claim_next():
            label_work.work_on(claim, self.vault)

    def state(self, making_id: UUID) -> MakingState:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return MakingState(label_making.get_making(session, making_id).state)

    def fetch(self, making_id: UUID) -> zipfile.ZipFile:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            _, content = label_making.fetch_file(session, self.actor, making_id)
        return zipfile.ZipFile(io.BytesIO(content))

    def codes(self, run_id: UUID) -> list[str]:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return list(
                session.scalars(select(Label.code).where(Label.run_id == run_id).order_by(Label.code))
            )

    def spoil(self, run_id: UUID, *serials: int) -> int:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return label_making.record_spoilt(session, self.actor, run_id, serials, Spoilt.DAMAGED, "刻偏")


@pytest.fixture
def shop(own_walls: Database) -> Shop:
    return Shop(own_walls)


def test_a_run_becomes_files_that_can_be_read(shop: Shop) -> None:
    run_id = shop.order(4)
    making_id = shop.ask(run_id)
    assert shop.state(making_id) is MakingState.QUEUED
    shop.work()

    assert shop.state(making_id) is MakingState.DONE
    packed, codes = shop.fetch(making_id), shop.codes(run_id)
    names = {f"svg/{code[6:]}.svg" for code in codes}
    assert set(packed.namelist()) == names | {"sheets.pdf", "list.csv", "list.xlsx", "说明 README.txt"}
    seen = set().union(*(camera.read_by_zxing(page) for page in camera.pages(packed.read("sheets.pdf"), 12)))
    assert {told for kind, told in seen if kind == "bar"} == {code[6:] for code in codes}
    with scope.public_scope() as session:
        believed = believed_keys(session, shop.vault)
    for address in (told for kind, told in seen if kind == "qr"):
        code = next(code for code in codes if code in address)
        assert check(code, signature_in(address), believed.secrets) is Genuine.GENUINE
        assert address.startswith("http://teshe.org.cn/L?id=")


def test_a_run_is_made_once(shop: Shop) -> None:
    run_id = shop.order(2)
    making_id = shop.ask(run_id)
    with pytest.raises(Conflict):
        shop.ask(run_id)
    shop.work()
    with pytest.raises(Conflict):
        shop.ask(run_id)
    shop.fetch(making_id)
    with (
        pytest.raises(Conflict),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        label_making.cancel_making(session, shop.actor, making_id)


def test_what_nobody_fetched_can_be_given_up_and_made_again(shop: Shop) -> None:
    run_id = shop.order(2)
    first = shop.ask(run_id)
    with scope.tenant_scope(A.tenant_id) as session:
        label_making.cancel_making(session, shop.actor, first)
    assert shop.state(first) is MakingState.CANCELLED
    second = shop.ask(run_id)
    shop.work()
    with scope.tenant_scope(A.tenant_id) as session:
        label_making.cancel_making(session, shop.actor, second)
    third = shop.ask(run_id)
    shop.work()

    assert shop.state(third) is MakingState.DONE
    with pytest.raises(Conflict):
        shop.fetch(second)


def test_no_number_is_given_twice(shop: Shop) -> None:
    one, two = shop.order(3), shop.order(3)

    first, second = shop.codes(one), shop.codes(two)
    assert not set(first) & set(second)
    assert int(second[0]) == int(first[-1]) + 1


def test_orders_at_the_same_moment_get_numbers_of_their_own(shop: Shop) -> None:
    with ThreadPoolExecutor(4) as clerks:
        runs = list(clerks.map(shop.order, [5] * 8))

    codes = [code for run_id in runs for code in shop.codes(run_id)]
    assert len(codes) == len(set(codes)) == 40


def test_of_those_who_ask_at_the_same_moment_one_gets_the_files_made(shop: Shop) -> None:
    run_id = shop.order(2)

    def ask(_: int) -> bool:
        try:
            shop.ask(run_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as clerks:
        assert sum(clerks.map(ask, range(6))) == 1


def test_work_can_be_stopped_half_way(shop: Shop) -> None:
    making_id = shop.ask(shop.order(60))
    claim = label_claims.claim_next()
    assert claim is not None
    with scope.tenant_scope(A.tenant_id) as session:
        label_making.cancel_making(session, shop.actor, making_id)
    assert shop.state(making_id) is MakingState.QUEUED  # the worker has it
    label_work.work_on(claim, shop.vault)

    assert shop.state(making_id) is MakingState.CANCELLED
    with shop.database.as_admin() as connection:
        left = connection.scalar(
            text("SELECT count(*) FROM gas.label_file WHERE making_id = :id"), {"id": making_id}
        )
    assert left == 0


def test_the_worker_tells_how_far_it_is(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    tell = label_claims.tell
    monkeypatch.setattr(label_claims, "tell", lambda claim, made: (told.append(made), tell(claim, made)))
    making_id = shop.ask(shop.order(60))
    shop.work()

    assert told == [0, 25, 50, 60]
    with scope.tenant_scope(A.tenant_id) as session:
        making = label_making.get_making(session, making_id)
        assert (making.labels_made, making.quantity) == (60, 60)
        assert making.file_bytes > 1000
        assert making.kid is not None


def test_a_worker_that_lost_its_lease_changes_nothing(shop: Shop) -> None:
    making_id = shop.ask(shop.order(2))
    slow = label_claims.claim_next()
    assert slow is not None
    with shop.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.label_making SET due_at = now() WHERE id = :id"), {"id": making_id}
        )
    shop.work()
    label_work.work_on(slow, shop.vault)

    assert shop.state(making_id) is MakingState.DONE
    with scope.tenant_scope(A.tenant_id) as session:
        assert (
            len(session.scalars(select(LabelFile.piece).where(LabelFile.making_id == making_id)).all()) == 1
        )


def test_what_fails_again_and_again_is_given_up(shop: Shop) -> None:
    making_id = shop.ask(shop.order(2))
    with shop.database.as_admin() as connection:
        connection.execute(text("UPDATE gas.label_making SET attempts = 3 WHERE id = :id"), {"id": making_id})
    shop.work()

    assert shop.state(making_id) is MakingState.FAILED


def test_a_large_run_is_made_in_parts(shop: Shop) -> None:
    run_id = shop.order(10_002)
    with pytest.raises(Invalid):
        shop.ask(run_id, 3)
    last = shop.ask(run_id, 2)
    shop.work()

    assert len([name for name in shop.fetch(last).namelist() if name.startswith("svg/")]) == 2


def test_what_is_bound_lost_or_spoilt_is_not_made(shop: Shop) -> None:
    run_id = shop.order(5)
    codes = shop.codes(run_id)
    with scope.tenant_scope(A.tenant_id) as session:
        labels.bind_label(session, shop.actor, codes[0], A.cylinder_id("good"))
        labels.retire_label(session, shop.actor, codes[1], LabelState.LOST, "丢失")
    shop.spoil(run_id, int(codes[2][-6:]))
    making_id = shop.ask(run_id)
    shop.work()

    made = [name for name in shop.fetch(making_id).namelist() if name.startswith("svg/")]
    assert made == [f"svg/{code[6:]}.svg" for code in codes[3:]]


def test_nothing_left_to_make_is_said(shop: Shop) -> None:
    run_id = shop.order(1)
    shop.spoil(run_id, int(shop.codes(run_id)[0][-6:]))
    with pytest.raises(Conflict):
        shop.ask(run_id)


def test_a_spoilt_number_is_recorded_and_never_bound(shop: Shop) -> None:
    run_id = shop.order(3)
    code = shop.codes(run_id)[1]
    assert shop.spoil(run_id, int(code[-6:])) == 1

    with scope.tenant_scope(A.tenant_id) as session:
        issue = session.execute(
            select(LabelIssue.action, LabelIssue.reason, LabelIssue.by)
            .join(Label, Label.id == LabelIssue.label_id)
            .where(Label.code == code)
        ).one()
        assert tuple(issue) == ("spoil", "损坏：刻偏", shop.actor.username)
        with pytest.raises(Conflict):
            labels.bind_label(session, shop.actor, code, A.cylinder_id("good"))
    with pytest.raises(Invalid):
        shop.spoil(run_id, int(code[-6:]))


def test_spoilt_numbers_are_recorded_all_or_none(shop: Shop) -> None:
    run_id = shop.order(3)
    first = int(shop.codes(run_id)[0][-6:])
    with pytest.raises(Invalid):
        shop.spoil(run_id, first, first + 99)

    with scope.tenant_scope(A.tenant_id) as session:
        assert set(session.scalars(select(Label.state).where(Label.run_id == run_id))) == {"issued"}


def test_another_enterprise_finds_nothing(shop: Shop) -> None:
    making_id = shop.ask(run_id := shop.order(1))
    shop.work()
    other = Shop(shop.database, B)
    for deed in (
        lambda: other.ask(run_id),
        lambda: other.fetch(making_id),
        lambda: other.spoil(run_id, 1),
        lambda: other.state(making_id),
    ):
        with pytest.raises(NotFound):
            deed()


def test_files_are_forgotten_after_their_time(shop: Shop) -> None:
    making_id = shop.ask(shop.order(1))
    shop.work()
    assert list(label_claims.swept()) == []
    with shop.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.label_making SET created_at = now() - interval '91 days' WHERE id = :id"),
            {"id": making_id},
        )

    assert list(label_claims.swept()) == [making_id]
    with pytest.raises(Conflict):
        shop.fetch(making_id)
    with scope.tenant_scope(A.tenant_id) as session:
        assert session.get(LabelMaking, (A.tenant_id, making_id)) is not None


def test_a_revoked_key_makes_its_labels_wrong_and_a_lost_one_makes_none_wrong(shop: Shop) -> None:
    code, now = A.code("good"), datetime.now(UTC)
    with scope.worker_scope(A.tenant_id) as session:
        key = keys.signing_key(session, keys.Purpose.LABEL, now)
        secret = shop.vault.open(keys.key_name(key.kid), key.sealed)
    told = signature(code, secret)
    with scope.public_scope() as session:
        stranger = believed_keys(session, Vault("00" * 32))
        assert stranger.some_lost
        assert check(code, told, stranger.secrets, some_lost=stranger.some_lost) is Genuine.ABSENT
    with scope.platform_scope() as session:
        keys.revoke(session, Actor(role=Role.OPERATOR, username="cli:test"), key.kid, "test", shop.vault, now)
    with scope.public_scope() as session:
        believed = believed_keys(session, shop.vault)
        assert check(code, told, believed.secrets, some_lost=believed.some_lost) is Genuine.WRONG


def test_the_ring_does_not_name_label_keys(shop: Shop) -> None:
    with scope.device_scope(A.tenant_id) as session:
        ring = keys.keyring(session, shop.vault, datetime.now(UTC))
    assert b'"label"' not in ring.payload
