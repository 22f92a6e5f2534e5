"""Numbers in series: the next one, and nobody else's. A number that was taken and not used is a gap and is never given again."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants.models import NumberSeries


def take_numbers(session: Session, series: str, many: int = 1) -> range:
    """So many numbers of this series of the scope's enterprise, counted on from the last; whoever comes next waits for the commit."""
    counted = insert(NumberSeries).values(series=series, last=many)
    last = session.execute(
        counted.on_conflict_do_update(
            index_elements=["tenant_id", "series"], set_={"last": NumberSeries.last + many}
        ).returning(NumberSeries.last)
    ).scalar_one()
    return range(last - many + 1, last + 1)


def take_number(session: Session, series: str) -> int:
    """The next number of this series."""
    return take_numbers(session, series)[0]
