"""`make decode`: labels of every kind, looked at in every way, given to two independent readers; a table of how many were read.

`make decode ARGS="--labels 50"`; `--whole-runs` reads every label of the seed's two runs (oxygen 1–1500, nitrogen 1–200) as well.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from tenants.artwork.drawing import Text, title
from tenants.rules.codes import label_range
from tenants.rules.label_layouts import LAYOUTS, PHONE_PX_PER_MM
from tenants.rules.states import LabelKind
from tests.tenants.artwork import camera, looks

RUNS = (
    ("01", 1500, LabelKind.METAL, looks.OXYGEN),
    ("02", 200, LabelKind.METAL_COLLAR, Text(title("航天雷特", "氮"), "#1A1A1A", "#FFFFFF")),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--labels", type=int, default=10, help="of each kind and look")
    asked.add_argument("--whole-runs", action="store_true")
    given = asked.parse_args(arguments)
    print(f"{given.labels} labels of each kind; a 12 MP phone 20 cm away sees {PHONE_PX_PER_MM} px/mm")
    print(
        "| kind | look | "
        + " | ".join(f"{reader} {code}" for reader in camera.READERS for code in ("QR", "1-D"))
        + " | either |"
    )
    print("|---|---|" + "---|" * (2 * len(camera.READERS) + 1))
    for kind in LAYOUTS:
        for line in table(kind, given.labels):
            print(line, flush=True)
    return whole_runs() if given.whole_runs else 0


def table(kind: LabelKind, many: int) -> list[str]:
    """A line for each look: the share of labels whose code was read as it is, by reader; last, whether any code was read by anybody."""
    codes = [f"110000{short}" for short in label_range("011", "01", 1 + 37 * len(kind), many)]
    pictures = [(code, camera.picture(looks.label(kind, code))) for code in codes]
    lines = []
    for name, look in {**looks.LOOKS, **looks.bends(LAYOUTS[kind])}.items():
        read: Counter[str] = Counter()
        for seed, (code, image) in enumerate(pictures):
            taken, wanted = look(image, seed), looks.expected(code)
            found = {reader: read_by(taken) for reader, read_by in camera.READERS.items()}
            wrong = looks.understood(set().union(*found.values())) - {code}
            read.update(
                f"{reader} {symbol}" for reader, those in found.items() for symbol, _ in those & wanted
            )
            read["either"] += bool(set().union(*found.values()) & wanted)
            read["wrong"] += bool(wrong)
        columns = [f"{reader} {symbol}" for reader in camera.READERS for symbol in ("qr", "bar")]
        shares = " | ".join(f"{100 * read[column] / many:.0f} %" for column in (*columns, "either"))
        lines.append(
            f"| {kind.value} | {name} | {shares} |" + (f" {read['wrong']} WRONG" if read["wrong"] else "")
        )
    return lines


def whole_runs() -> int:
    """Every label of the seed's two runs, as a phone sees it; 0 when each code was read by each reader."""
    missed = 0
    for medium, quantity, kind, text in RUNS:
        began = time.monotonic()
        for short in label_range("011", medium, 1, quantity):
            taken = camera.photographed(camera.picture(looks.label(kind, f"110000{short}", text)))
            wanted = looks.expected(f"110000{short}")
            missing = {reader: wanted - read_by(taken) for reader, read_by in camera.READERS.items()}
            missed += any(missing.values())
            for reader, those in missing.items():
                if those:
                    print(f"{short}: {reader} didn't read {those}")
        print(
            f"011{medium}: {quantity} labels in {time.monotonic() - began:.0f} s, not read in full: {missed}",
            flush=True,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
