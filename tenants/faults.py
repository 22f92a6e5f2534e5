"""Named places where a test may kill this process, to show that nothing is lost or doubled there.

`CRASH_AT=name:/path/of/token` kills the process the first time it comes by, provided the token file exists; without the variable
nothing here does anything.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class CrashPoint(StrEnum):
    """Every place; the campaign goes through those of uploads, the tests of imports through theirs."""

    AFTER_INBOX_INSERT = "after_inbox_insert"
    AFTER_COMMIT_BEFORE_REPLY = "after_commit_before_reply"
    AFTER_CLAIM = "after_claim"
    MID_APPLY = "mid_apply"
    BEFORE_APPLY_COMMIT = "before_apply_commit"
    AFTER_APPLY_COMMIT = "after_apply_commit"
    IMPORT_CHECKED = "import_checked"
    IMPORT_MID_APPLY = "import_mid_apply"
    LABELS_DRAWN = "labels_drawn"
    RELAY_AFTER_READ = "relay_after_read"
    RELAY_BEFORE_MARK = "relay_before_mark"


def crash_point(point: CrashPoint) -> None:
    """Die here with SIGKILL if a test asked for it."""
    name, _, token = os.environ.get("CRASH_AT", "").partition(":")
    if name == point.value and token:
        try:
            os.unlink(token)
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)
