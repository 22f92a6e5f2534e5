"""Who there is in the demo: its words. The enterprises themselves are in `enterprises.py`. Every name is invented."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenants.rules.states import LabelKind, LicenceState, Role, TenantStatus


@dataclass(frozen=True, slots=True)
class Office:
    """An authority, with the account of its regulator and, where it has one, of its inspector."""

    name: str
    jurisdiction: str
    regulator: str
    inspector: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A label run that was ordered: the enterprise's medium code and how many."""

    medium_code: str
    quantity: int
    kind: LabelKind


@dataclass(frozen=True, slots=True)
class Character:
    """How an enterprise works; days count back from the day of the load."""

    away_days: tuple[float, float] = (14.0, 44.0)  # how long a cylinder is with its user
    slips: float = 0.006  # the share of fills in which something is wrong
    overdue: float = 0.003  # the share of its stock that is past its inspection
    tries: int = 1  # how often an overdue cylinder is tried again
    complete: bool = True  # records stores and recoveries too
    drivers: int = 2
    due_next_month: float = 0.0  # the share of its stock that all fall due next month
    licence_days: int | None = None  # its licence ran out so many days ago
    licensed: bool = True
    licence_state: LicenceState = LicenceState.VALID  # as it is since `stopped_days`
    status: TenantStatus = TenantStatus.ACTIVE  # as it is since `stopped_days`
    stopped_days: int = 0
    silent_days: int = 0  # its second filling gun was last heard of so many days ago
    night_days: int = 0  # a burst of fills in the small hours, so many days ago
    cluster_days: int = 0  # many refusals on three days, the first so many days ago
    borrows_from: str = ""  # fills cylinders of this enterprise as if they were its own


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise of the demo; `media` maps its medium codes to media, `unlicensed` are those its licence doesn't cover."""

    code: str
    name: str
    short_name: str
    credit_code: str
    phone: str
    address: str
    position: tuple[float, float]
    licence_no: str
    media: dict[str, str]
    people: tuple[str, ...]
    runs: tuple[Run, ...]
    cylinders: tuple[tuple[str, int], ...]  # model of stock.py and how many in good order
    makers: tuple[str, ...]
    unlicensed: tuple[str, ...] = ()
    assayed: tuple[str, ...] = ()  # medium codes whose batches need a passing assay
    every_state: bool = False  # whether its stock has a cylinder in every state
    character: Character = field(default_factory=Character)

    @property
    def family(self) -> str:
        """L for LPG, Q for industrial gases."""
        return "L" if self.media["01"].startswith("LPG") else "Q"


@dataclass(frozen=True, slots=True)
class Job:
    """A post in every enterprise: staff code, kinds of work, days that the filling certificate still holds (None: has none)."""

    staff_code: str
    kinds: tuple[str, ...]
    role: Role | None = None
    certificate_days: int | None = None


OFFICES = (
    Office("山东省市场监督管理局(演示)", "37", "reg-37"),
    Office("东营市市场监督管理局(演示)", "3705", "reg-3705", "insp-3705"),
    Office("北京市市场监督管理局(演示)", "11", "reg-11"),
)
OPERATOR = "operator"
PIN = "3705"  # of every demo worker, on handhelds

JOBS = (
    Job("A01", ("管理",), Role.ADMIN),
    Job("F01", ("充装", "操作"), Role.FILLER, 700),
    Job("F02", ("充装",), None, -60),  # certificate expired two months ago
    Job("F03", ("充装",), None, None),  # never had one
    Job("C01", ("检验", "操作"), Role.CHECKER, 500),
    Job("D01", ("配送",), Role.DRIVER),
    Job("D02", ("配送",)),
    Job("W01", ("入库",), Role.STORE),
    Job("R01", ("维修",), Role.REPAIRER),
    Job("L01", ("化验",), Role.LAB),
)
