"""What happens to a cylinder by its story: good rounds, small slips, and each kind of trouble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tenants.demo.seasons import BEIJING, moment
from tenants.demo.stock import Story, last_of_month
from tenants.demo.weeks import Play
from tenants.models import LabelIssue
from tenants.rules.states import CylinderStatus, EventKind, LabelState, Stage

Plot = Callable[[Play], None]
SOON = timedelta(days=25)  # this long before its last day a careful enterprise sends a cylinder to inspection


def rounds(play: Play) -> None:
    """Round after round, until the rule says no; then it goes to inspection, or is tried again by those who don't care."""
    character = play.world.enterprise.character
    while True:
        play.take_in()
        due = play.item.cylinder.next_inspection_on
        soon = due is not None and last_of_month(due) - play.at.astimezone(BEIJING).date() < SOON
        if soon and play.rng.random() < (0.7 if character.slips < 0.02 else 0.2):
            play.inspected()
        if play.rng.random() < character.slips:
            _slip(play)
        else:
            play.check()
        if not play.fill():
            break
        play.hand_out()
    for _ in range(character.tries - 1):
        play.wait(600, 5000)
        play.fill()
    if play.rng.random() < 0.4:
        play.wait(600, 3000)
        play.do(EventKind.SEND_TO_INSPECTION, "W01", "K1", reason="到期送检")


def _slip(play: Play) -> None:
    """Something is wrong once, the rule says so, and it is put right."""
    choices: list[Plot] = [_unchecked, _unchecked, _failed, _wrong_hands]
    if play.item.model.max_fill_kg is not None:
        choices.append(_too_much)
    if len(play.world.enterprise.media) > 1:
        choices.append(_other_medium)
    play.rng.choice(choices)(play)


def _unchecked(play: Play) -> None:
    play.fill()
    play.check()


def _failed(play: Play) -> None:
    play.check(passed=False)
    play.fill()
    play.wait(60, 600)
    play.do(EventKind.REPAIR, "R01", "K1", work="更换瓶阀附件", note="")
    play.take_in()
    play.check()


def _wrong_hands(play: Play) -> None:
    play.check()
    expired = play.at > play.world.now - timedelta(days=58)  # F02's certificate, see JOBS
    play.fill(operator="F02" if expired and play.rng.random() < 0.5 else "F03")


def _too_much(play: Play) -> None:
    play.check()
    too_much = float(play.item.model.max_fill_kg or 0) * play.rng.uniform(1.03, 1.1)
    play.fill(net_kg=f"{too_much:.2f}", gross_kg=None)


def _other_medium(play: Play) -> None:
    play.check()
    play.fill(medium="02" if play.item.model.medium_id == play.world.enterprise.media["01"] else "01")


def _first(trouble: Plot) -> Plot:
    """The trouble comes in the first round, is put right, and work goes on."""

    def tell(play: Play) -> None:
        play.take_in()
        trouble(play)
        if play.fill():
            play.hand_out()
            rounds(play)

    return tell


def _bad_try(**changes: Any) -> Plot:
    def trouble(play: Play) -> None:
        play.check()
        play.fill(**changes)

    return _first(trouble)


def _lately(plot: Plot) -> Plot:
    def tell(play: Play) -> None:
        play.start(3, 50)
        plot(play)

    return tell


def _mismatched(play: Play) -> None:
    """The chip of another cylinder is read beside this one's code."""
    others = (label.uid for label in play.world.book.labels.values() if label is not play.label and label.uid)
    play.check()
    play.fill(uid=next(others, None))


def _filled_twice(play: Play) -> None:
    """A full cylinder is checked and filled again: recorded, and marked as hard to believe."""
    play.check()
    if play.fill():
        play.check()
        play.fill()
        play.check()


def _inspected(play: Play) -> None:
    play.inspected()
    play.check()


def _then(change: Plot) -> Plot:
    """One good round, then the change, then a try that the rule stops."""

    def tell(play: Play) -> None:
        play.start(60, 85)
        play.take_in()
        play.check()
        if play.fill():
            play.hand_out()
            play.take_in()
            play.check()
        change(play)
        if play.item.number % 3:
            play.fill()

    return tell


def _scrap(play: Play) -> None:
    play.do(EventKind.SCRAP, "C01", "K1", reason="瓶体凹陷超限")


def _status(status: CylinderStatus, reason: str) -> Plot:
    def change(play: Play) -> None:
        cylinder = play.item.cylinder
        cylinder.status, cylinder.status_reason, cylinder.status_changed_at = status.value, reason, play.at
        if status is CylinderStatus.CANCELLED:
            cylinder.stage = Stage.OUT_OF_USE.value
            _retire(play, LabelState.VOID, "void", reason)
        play.world.book.touch(cylinder)

    return change


def _label(state: LabelState, action: str, reason: str) -> Plot:
    def change(play: Play) -> None:
        _retire(play, state, action, reason)
        play.world.book.touch(play.item.cylinder)

    return change


def _retire(play: Play, state: LabelState, action: str, reason: str) -> None:
    if play.label is not None:
        play.world.book.now = play.at
        play.world.book.change_label(play.label, state, action, reason)


def _dispute(play: Play) -> None:
    label, book = play.label, play.world.book
    if label is not None:
        label.disputed_at = play.at
        book.keep(LabelIssue, label_id=label.id, cylinder_id=label.cylinder_id, action="dispute", at=play.at, by="A01",
                reason="第二只气瓶要求绑定同一标签",)  # fmt: skip
        book.forget_labels(play.item.cylinder.id)
        book.touch(play.item.cylinder)


def _overdue(play: Play) -> None:
    """Good rounds while the inspection held, and tries after its last day."""
    play.take_in()
    play.check()
    if play.fill():
        play.hand_out()
    over = last_of_month(play.item.cylinder.next_inspection_on or play.at.date())
    while play.at.astimezone(BEIJING).date() <= over:
        play.wait(1440, 1440)
    if play.item.cylinder.filled_at is None or play.rng.random() < 0.7:
        play.start(0.2, min(85, max(0.5, (play.world.now.date() - over).days - 1)))
    play.take_in()
    for _ in range(max(1, play.rng.randint(1, play.world.enterprise.character.tries))):
        play.check()
        play.fill()


def _night(play: Play) -> None:
    """Brought in late in the day, filled between two and four in the morning."""
    days = timedelta(days=play.world.enterprise.character.night_days)
    night = (play.world.now - days).astimezone(BEIJING).date()
    play.at = moment(night - timedelta(days=1), play.rng.uniform(16 * 60, 17 * 60 + 30))
    play.do(EventKind.TAKE_IN, "W01", "K1")
    play.at = moment(night, play.rng.uniform(2 * 60, 3 * 60))
    if play.rng.random() < 0.7:
        play._check(True)
    play.at += timedelta(minutes=play.rng.uniform(5, 50))
    if play.fill_now():
        play.at += timedelta(hours=6)
        play.hand_out()
        rounds(play)


def _cluster(play: Play) -> None:
    """An old cylinder that was tried on one of three days, and then set aside for inspection."""
    days = play.world.enterprise.character.cluster_days - play.rng.choice((0, 0, 1, 1, 1, 2))
    play.start(days, days + 0.3)
    play.take_in()
    if play.rng.random() < 0.8:
        play.check()
    play.fill()


def _nothing(_: Play) -> None:
    """A cylinder that nobody can scan does nothing."""


PLOTS: dict[Story, Plot] = {
    Story.OVERDUE: _overdue,
    Story.SCRAPPED: _then(_scrap),
    Story.SUSPENDED: _then(_status(CylinderStatus.SUSPENDED, "年度盘点未见实物")),
    Story.CANCELLED: _then(_status(CylinderStatus.CANCELLED, "使用登记已注销")),
    Story.NO_LABEL: _nothing,
    Story.LABEL_VOID: _then(_label(LabelState.VOID, "void", "标签破损")),
    Story.LABEL_LOST: _then(_label(LabelState.LOST, "lose", "标签脱落")),
    Story.LABEL_DISPUTED: _then(_dispute),
    Story.OVERFILLED: _first(_too_much),
    Story.OVERPRESSURED: _bad_try(pressure_mpa="16.9", temperature_c="20"),
    Story.WRONG_MEDIUM: _first(_other_medium),
    Story.UNCHECKED: _first(_unchecked),
    Story.CHECK_FAILED: _first(_failed),
    Story.UNCERTIFIED: _bad_try(operator="F03"),
    Story.CERTIFICATE_EXPIRED: _lately(_bad_try(operator="F02")),
    Story.UNASSAYED: _bad_try(batch="B-TEST-0"),
    Story.INSPECTED: _first(_inspected),
    Story.TAG_MISMATCH: _first(_mismatched),
    Story.UNREADABLE: _bad_try(scanned="0020000020"),
    Story.FILLED_TWICE: _first(_filled_twice),
    Story.NIGHT: _night,
    Story.CLUSTER: _cluster,
}
