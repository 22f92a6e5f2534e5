"""What every test can ask for. The servers come from `services_fixture.py`; each room's own conftest adds its cast."""

from __future__ import annotations

from tests.services_fixture import services

__all__ = ["services"]
