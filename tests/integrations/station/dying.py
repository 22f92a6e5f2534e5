"""The agent, killed at a chosen moment: `dying.py CLASS.METHOD before|after N --config …`: at the N-th call, SIGKILL."""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from typing import Any

from integrations.devices.station.cli import main
from integrations.devices.station.drivers.modbus import ModbusRelay
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.portal import Portal

CLASSES: dict[str, type] = {"Outbox": Outbox, "ModbusRelay": ModbusRelay, "Portal": Portal}


def arrange(name: str, when: str, nth: int) -> None:
    owner, _, method = name.partition(".")
    original = getattr(CLASSES[owner], method)
    calls = count(1)

    def dying(*given: Any, **named: Any) -> Any:
        last = next(calls) == nth
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = original(*given, **named)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(CLASSES[owner], method, dying)


if __name__ == "__main__":
    if sys.argv[1] != "never":
        arrange(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    sys.exit(main(sys.argv[4:]))
