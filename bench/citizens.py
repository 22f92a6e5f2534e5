"""How many citizens are answered a second, over two million cylinders of a thousand enterprises.

Codes are asked for as unevenly as in life (the n-th most asked one n times less often than the first), every tenth is a code that
nobody has issued, and every question comes from another address. Then an hour's worth of codes, each another one, shows what memory
the web processes take meanwhile. The yardstick is a bare Flask route on the same server in the same minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from sqlalchemy import text

from bench.load import Answered, send
from bench.province import settle
from bench.rows import Row
from bench.world import BenchWorld, bare_route
from tenants.cards.file import CardFile, Stale
from workers.processes import marked

ENTERPRISES, ROUNDS = 1000, 3
AN_HOUR = 30_000 * 60  # lookups, as many as an installation's usual share lets pass
_CYLINDERS = """
INSERT INTO gas.cylinder (tenant_id, id, serial_no, maker, kind_code, medium_id, registration_no, ownership, made_precision,
  last_inspection_on, last_inspection_precision, next_inspection_on, next_inspection_precision, end_of_life_precision,
  valve_end_of_life_precision, status, status_reason, stage, place, district, note, facts_version, row_version, created_at)
SELECT t.id, md5(t.id || '-' || k)::uuid, 'S' || k, '制造单位', 'LPG_WELDED', 'LPG', 'R', 'own', 'month', current_date - 400, 'day',
  current_date - 200 + (k * 37 + t.id * 11) % 1500, 'day', 'month', 'month', 'in_use', '', 'new', '', t.district, '', 1, 1, now()
FROM gas.tenant t, generate_series(:first, :last) k WHERE t.id >= 100000
"""
_LABELS = """
INSERT INTO gas.label (tenant_id, id, code, kind, medium_code, state, cylinder_id, bound_at)
SELECT t.id, md5(t.id || '+' || k)::uuid, t.district || t.enterprise || '01' || lpad(k::text, 6, '0'), :kind, '01', 'bound',
  md5(t.id || '-' || k)::uuid, now()
FROM gas.tenant t, generate_series(:first, :last) k WHERE t.id >= 100000
"""
# u is even between 0 and 1, so that count^u is a rank of Zipf's law; the heads take turns.
_ZIPF = """
math.randomseed(11)
local heads = {{{heads}}}
request = function()
  local rank = math.floor({count} ^ math.random())
  local serial = math.floor(rank / #heads) + 1
  if math.random() < 0.1 then serial = serial + 500000 end
  local code = heads[rank % #heads + 1] .. string.format("01%06d", serial)
  local from = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))
  return wrk.format("GET", "/L?id=" .. code, {{["Accept"] = "{accept}", ["X-Forwarded-For"] = from}})
end
"""
_EACH = """
local heads, n = {{{heads}}}, 0
request = function()
  n = n + 1
  local code = heads[n % #heads + 1] .. string.format("01%06d", math.floor(n / #heads) % {each} + 1)
  local from = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))
  return wrk.format("GET", "/L?id=" .. code, {{["Accept"] = "text/html", ["X-Forwarded-For"] = from}})
end
"""


def citizens(world: BenchWorld, cylinders: int, seconds: int) -> Iterator[Row]:
    """Rows for the copy of the cards, the lookups as page and as JSON, and the memory over an hour's worth of codes."""
    settle(world)
    each = cylinders // ENTERPRISES
    _stock(world, each)
    took = _copied(world)
    yield Row(f"{cylinders:,} cards copied", cylinders / took, took * 1000, None, 0, "", None)
    with world.database.as_admin() as connection:
        heads = connection.scalars(
            text("SELECT district || enterprise FROM gas.tenant WHERE id >= 100000")
        ).all()
    listed = ", ".join(f'"{head}"' for head in heads)
    origin = f"{world.settings.public_origin}/L"
    asked = {
        f"{kind} of {cylinders:,} cylinders": _ZIPF.format(heads=listed, count=cylinders, accept=accept)
        for kind, accept in (("page", "text/html"), ("JSON", "application/json"))
    }
    yield from _beside_a_bare_route(origin, asked, seconds)
    yield from _an_hour(world, origin, _EACH.format(heads=listed, each=each))


def _stock(world: BenchWorld, each: int) -> None:
    with world.database.as_admin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        kind = connection.scalar(text("SELECT kind FROM gas.label LIMIT 1"))
        for first in range(1, each + 1, 200):
            told = {"first": first, "last": min(each, first + 199), "kind": kind}
            connection.execute(text(_CYLINDERS), told)
            connection.execute(text(_LABELS), told)
    with world.database.as_admin() as connection:
        connection.execute(text("ANALYZE gas.label, gas.cylinder"))


def _copied(world: BenchWorld) -> float:
    """Seconds until a new keeper has everything."""
    with world.database.as_admin() as connection:
        last = connection.scalar(text("SELECT max(code) FROM gas.label WHERE tenant_id >= 100000"))
        connection.execute(text("UPDATE gas.cache_epoch SET epoch = epoch + 1"))
    began = time.perf_counter()
    while True:
        cards = CardFile(world.settings.cards_path)
        try:
            if cards.find(str(last)) is not None:
                return time.perf_counter() - began
        except Stale:
            pass
        finally:
            cards.close()
        time.sleep(0.1)


def _beside_a_bare_route(origin: str, asked: dict[str, str], seconds: int) -> Iterator[Row]:
    """Bare route and lookups by turns; of each the middle of three rounds."""
    found: dict[str, list[Answered]] = {name: [] for name in ("bare Flask route", *asked)}
    with bare_route() as url:
        for _ in range(ROUNDS):
            found["bare Flask route"].append(send(url, seconds))
            for name, script in asked.items():
                found[name].append(send(origin, seconds, script))
    bare = median(one.per_second for one in found["bare Flask route"])
    for name, times in found.items():
        rate = median(one.per_second for one in times)
        middle, last = (median(getattr(one, part) for one in times) for part in ("median_ms", "p99_ms"))
        wrong = 0 if name.startswith("bare") else sum(_wrong(one, seconds) for one in times)
        yield Row(
            name,
            rate,
            middle,
            last,
            wrong,
            "" if name.startswith("bare") else "bare Flask route",
            rate / bare,
        )


def _wrong(found: Answered, seconds: int) -> int:
    """Answers beyond the tenth that asked for what nobody has issued."""
    return max(0, round(found.failed - 0.11 * found.per_second * seconds))


def _an_hour(world: BenchWorld, origin: str, script: str) -> Iterator[Row]:
    asked, before = 0.0, _memory(world)
    while asked < AN_HOUR:
        asked += 20 * send(origin, 20, script).per_second
    after = _memory(world)
    yield Row(f"MB of the web processes before {asked:,.0f} codes", before, None, None, 0, "", None)
    yield Row("MB of the web processes after them", after, None, None, 0, "before", after / before)


def _memory(world: BenchWorld) -> float:
    """Megabytes that the web server's processes hold for themselves."""
    kilobytes = 0
    for pid in marked(str(world.data_dir)):
        status = Path(f"/proc/{pid}/status").read_text()
        if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes():
            kilobytes += int(status.partition("RssAnon:")[2].split()[0])
    return kilobytes / 1024
