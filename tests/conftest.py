"""What every test can ask for. The servers come from `services_fixture.py`, the databases with the fixed cast from `cast_fixture.py`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.cast_fixture import cast_database, cast_template, own_database, own_walls, walls
from tests.services_fixture import services

__all__ = ["cast_database", "cast_template", "own_database", "own_walls", "services", "walls"]

# A property is true or false, not fast or slow: a busy machine fails no test.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")
