"""How keys are spelled: `qp:{epoch}.{life}:t:{tenant}:` and a name behind it. The only place where a tenant gets into a key.

Every part is checked, so that no text from outside can reach beyond the enterprise whose number stands in front.
"""

from __future__ import annotations

import re
from uuid import UUID

ENTERPRISE = "enterprise"
_LIFE = re.compile(r"[0-9a-f]{8,40}")
_CODE = re.compile(r"[0-9]{17}")
_UID = re.compile(r"(?:[0-9A-F]{2}){4,16}")


def prefix(epoch: int, life: str, tenant_id: int) -> str:
    """What every key of one enterprise begins with; raises ValueError for anything but whole numbers and a hex mark."""
    numbers = (epoch, tenant_id)
    if any(type(number) is not int or number < 0 for number in numbers) or not _LIFE.fullmatch(life):
        raise ValueError("a key needs whole numbers and a mark")
    return f"qp:{epoch}.{life}:t:{tenant_id}:"


def of_cylinder(cylinder_id: UUID) -> str:
    """The name of a cylinder's facts."""
    if not isinstance(cylinder_id, UUID):
        raise ValueError("a cylinder's key needs its id")
    return f"c:{cylinder_id}"


def of_label(code: str) -> str | None:
    """The name of the pointer from a label to its cylinder; None when the code hasn't 17 ASCII digits."""
    return f"label:{code}" if _CODE.fullmatch(code) else None


def of_uid(uid: str) -> str | None:
    """The name of the pointer from a chip to its cylinder; None when it isn't upper-case hex of 4 to 16 bytes."""
    return f"uid:{uid}" if _UID.fullmatch(uid) else None
