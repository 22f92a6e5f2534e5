"""Logs go where a test can read them, and nowhere after it."""

from __future__ import annotations

import pytest

from integrations.devices.station import logs


@pytest.fixture(autouse=True)
def _logged() -> None:
    logs.to_stderr()
