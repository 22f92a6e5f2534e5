"""What the machine sees in one step and what it answers: plain frozen values. Weights are whole grams, times seconds of a steady clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.devices.station.words import Phase, Why


@dataclass(frozen=True, slots=True)
class Tag:
    """What a reader delivered: the label's text, the chip's number, or both."""

    label: str | None = None
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """One reading of the scale; with a flaw, `grams` mean nothing."""

    grams: int
    stable: bool
    at: float
    flaw: Why | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody answers for a fill that the portal didn't permit."""

    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question to the portal: permission until `good_until`, or why not."""

    tag: Tag
    why: Why | None  # None: it may be filled
    good_until: float = 0.0
    refusals: tuple[tuple[str, str], ...] = ()  # code, sentence
    max_fill_g: int | None = None
    tare_g: int | None = None  # what the cylinder weighs empty, as stamped
    proof: str = ""  # the verdict's signature


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the machine may look at."""

    now: float
    tag: Tag | None = None
    weight: Weight | None = None
    answer: Answer | None = None
    problems: tuple[Why, ...] = ()
    valve_open: bool | None = None  # None: it doesn't tell
    stop: bool = False
    reset: bool = False
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the station is set to; grams and seconds."""

    target_g: int = 14_500
    preact_g: int = 50
    min_tare_g: int = 1_000
    max_gross_g: int = 60_000
    negative_g: int = 100
    min_net_g: int = 50
    fall_g: int = 200
    flow_g: int = 20
    empty_g: int = 500
    flow_s: float = 15.0
    ask_s: float = 10.0
    tare_s: float = 15.0
    settle_s: float = 10.0
    fill_s: float = 600.0
    silence_s: float = 1.5
    valve_s: float = 2.0
    journal_s: float = 1.0
    presence: bool = True
    may_override: frozenset[Why] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """Where the machine stands."""

    phase: Phase = Phase.IDLE
    why: Why = Why.WAITING
    since: float = 0.0
    tag: Tag | None = None
    answer: Answer | None = None
    override: Override | None = None
    tare_g: int = 0
    target_g: int = 0
    gross_g: int = 0  # the last that was believed while gas flowed
    risen_at: float = 0.0
    risen_g: int = 0
    noted_at: float = 0.0
    net_g: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the portal about this tag."""

    tag: Tag


@dataclass(frozen=True, slots=True)
class Release:
    """Write down that a fill begins, and only then open the valve."""

    tag: Tag
    answer: Answer
    override: Override | None
    tare_g: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the valve open a moment longer; `note_g` is to be written down, if there."""

    note_g: int | None = None


@dataclass(frozen=True, slots=True)
class Shut:
    """Shut the valve."""

    why: Why


@dataclass(frozen=True, slots=True)
class Finish:
    """Turn what was written down into an event; `weighing` says how far `gross_g` may be trusted."""

    why: Why
    gross_g: int
    weighing: str  # stable, unstable, last
    nothing: bool = False


Command = Ask | Release | Hold | Shut | Finish


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to what was seen."""

    state: State
    commands: tuple[Command, ...] = field(default=())
