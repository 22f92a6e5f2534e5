"""The only place where row-level policies are written, so that every wall has the same shape.

`wall(...)` forces row-level security on a table and gives each plane its grant and its policy. Two forms of the same condition are
known: the sub-select, which PostgreSQL evaluates once per statement, and the bare call, which a sharded table needs (Citus accepts no
sub-select in a policy). Statements are returned as SQL so that the catalogue test can compare them with what the database holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenants.planes import LOOKUP, OWNER, Plane

SHARDED = False  # True writes the form that Citus takes

OWN_PLANES = (Plane.TENANT, Plane.DEVICE, Plane.WORKER)
DISTRICT_PLANES = (Plane.REGULATOR, Plane.INSPECTOR)
EVERYWHERE = "true"
SHARED = ""  # a table that belongs to no enterprise: every plane with a grant sees all of it

_VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}


def own(column: str = "tenant_id") -> str:
    """The condition «this enterprise's»."""
    return f"{column} = gas.current_tenant()" if SHARDED else f"{column} = (SELECT gas.current_tenant())"


def in_district(column: str = "tenant_id") -> str:
    """The condition «of an enterprise in the authority's district»."""
    if SHARDED:
        return f"{column} = ANY (current_setting('app.visible')::int[])"
    return f"{column} = ANY ((SELECT gas.visible_tenants())::int[])"


def in_district_range(column: str = "district") -> str:
    """The condition «of a place in the authority's district», for totals that are kept by district."""
    jurisdiction = "gas.current_jurisdiction()" if SHARDED else "(SELECT gas.current_jurisdiction())"
    return f"{column} >= {jurisdiction}::bpchar AND {column} < ({jurisdiction} || ':')::bpchar"


def condition_for(plane: Plane, column: str) -> str:
    """What a plane sees of a tenant table unless a migration says otherwise."""
    if column == SHARED:
        return EVERYWHERE
    if plane in OWN_PLANES:
        return own(column)
    if plane in DISTRICT_PLANES:
        return in_district(column)
    return EVERYWHERE


def wall(table: str, column: str = "tenant_id", /, **rights: str) -> Iterator[str]:
    """Forced row-level security, and for each plane named its grant and policy.

    `rights` maps a plane's name to letters of SIUD. Letters may carry columns: "S(id,code) U(code)".
    """
    yield f"ALTER TABLE gas.{table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE gas.{table} FORCE ROW LEVEL SECURITY"
    for name, letters in rights.items():
        plane = Plane(name)
        yield from grants(table, plane.role, letters)
        yield from policy(table, plane.role, letters, condition_for(plane, column))


def grants(table: str, role: str, letters: str) -> Iterator[str]:
    """The GRANT statements for letters such as "SI" or "S(id,code) U(code)"."""
    for word in letters.split():
        verbs, _, columns = word.partition("(")
        listed = f" ({columns.rstrip(')')})" if columns else ""
        for verb in verbs:
            yield f"GRANT {_VERBS[verb]}{listed} ON gas.{table} TO {role}"


def policy(table: str, role: str, letters: str, condition: str, check: str | None = None) -> Iterator[str]:
    """One policy per verb, so that a grant without a policy stays shut."""
    for verb in dict.fromkeys(letter for letter in letters if letter in _VERBS):
        name = f"{role}_{_VERBS[verb].lower()}"
        using = "" if verb == "I" else f" USING ({condition})"
        with_check = f" WITH CHECK ({check or condition})" if verb in "IU" else ""
        yield f"CREATE POLICY {name} ON gas.{table} FOR {_VERBS[verb]} TO {role}{using}{with_check}"


def reader(table: str, role: str = OWNER) -> Iterator[str]:
    """Let the owner of a SECURITY DEFINER function read the table it needs; nobody logs in as that owner."""
    if role == LOOKUP:
        yield f"GRANT SELECT ON gas.{table} TO {role}"
    yield f"CREATE POLICY {role}_reads ON gas.{table} FOR SELECT TO {role} USING (true)"


def append_only(table: str) -> Iterator[str]:
    """History can be added to and nothing else, not even by its owner."""
    yield (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON gas.{table}"
        " FOR EACH ROW EXECUTE FUNCTION gas.refuse_change()"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON gas.{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION gas.refuse_change()"
    )
