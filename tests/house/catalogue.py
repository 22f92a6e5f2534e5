"""What the database's own catalogue says about the walls: `findings(connection)` names every way around them.

Allow-lists are by name and short; whatever isn't on one and isn't walled is a finding. The same function is tried on planted holes,
because an audit that finds nothing may be an audit that doesn't look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from tenants.planes import BACKUP, LOOKUP, OWNER, Plane

ROLES = [LOOKUP, *(plane.role for plane in Plane)]
LOGINS = [plane.login for plane in Plane]
EVERYBODY = [*ROLES, *LOGINS, "public"]

# Tables that belong to no enterprise: their unique keys and foreign keys have no tenant to carry.
NOT_TENANT_TABLES = {
    "authority", "account", "web_session", "tenant", "cache_epoch", "medium", "inspection_cycle", "violation_kind", "filling_limit",
    "district", "map_line", "map_source", "district_alias", "alembic_version", "district_total", "platform_key",
}  # fmt: skip
# Foreign keys of tenant tables to something that isn't a tenant's: the tenant itself.
TO_THE_TENANT_ITSELF = {"tenant"}
# What the keeper of the citizens' cards may ask.
CARDS = (
    "public_cards", "public_enterprises", "public_media", "public_medium_codes", "public_assays", "changed_codes", "codes_after",
)  # fmt: skip
# SECURITY DEFINER functions that exist on purpose, with the role that owns each.
DEFINERS = {
    "visible_tenants": OWNER, "keep_partitions": OWNER, "chain_audit": OWNER, "auth_account": OWNER, "auth_tenant": OWNER,
    "device_by_token": OWNER, "public_cylinder": LOOKUP, "event_figures": OWNER, "fold_totals": OWNER, "rebuild_totals": OWNER,
    "totals_astray": OWNER, "device_by_key": OWNER, "tenant_by_enrolment": OWNER, "label_keys": OWNER,
    "file_report": OWNER, "report_progress": OWNER,
    **dict.fromkeys(CARDS, LOOKUP),
}  # fmt: skip
# Their triggers note totals.
COUNTED = ("fill", "violation", "fill_check", "label_issue", "cylinder", "device_event")
# Who may call which function; trigger functions are nobody's to call.
CALLERS: dict[str, set[str]] = {
    "current_tenant": {"gas_tenant", "gas_device", "gas_worker"},
    "visible_tenants": {"gas_regulator", "gas_inspector"},
    "current_jurisdiction": {"gas_regulator", "gas_inspector"},
    "keep_partitions": {"gas_relay", "gas_platform"},
    "audit_hash": {"gas_platform", "gas_tenant"},
    "auth_name": {"gas_auth"},
    "auth_session": {"gas_auth"},
    "auth_account": {"gas_auth"},
    "auth_tenant": {"gas_auth"},
    "device_by_token": {"gas_device"},
    "device_by_key": {"gas_device"},
    "tenant_by_enrolment": {"gas_device"},
    "public_cylinder": {"gas_public"},
    **{function: {"gas_relay"} for function in CARDS},
    **{function: {"gas_public"} for function in ("label_keys", "file_report", "report_progress")},
    "event_figures": {"gas_relay"},
    **{f: {"gas_relay", "gas_platform"} for f in ("fold_totals", "rebuild_totals", "totals_astray")},
    **{f"note_{table}_insert": set() for table in COUNTED},
    **{f"note_{rest}": set() for rest in ("cylinder_update", "cylinder_delete", "device_event_update")},
    "refuse_change": set(),
    "mark_change": set(),
    "guard_stop": set(),
    "chain_audit": set(),
}
OWN = {"gas_tenant", "gas_device", "gas_worker"}
DISTRICT = {"gas_regulator", "gas_inspector"}
# Every policy condition that may stand in the schema, as PostgreSQL prints it, with the roles that may have it.
CONDITIONS: list[tuple[str, set[str], set[str] | None]] = [
    (r"\((tenant_id|id) = \( SELECT gas\.current_tenant\(\) AS current_tenant\)\)", OWN, None),
    (
        r"\((tenant_id|id) = ANY \(\( SELECT gas\.visible_tenants\(\) AS visible_tenants\)::integer\[\]\)\)"
        r"|\((tenant_id|id) = ANY \(\(\( SELECT gas\.visible_tenants\(\) AS visible_tenants\)\)::integer\[\]\)\)",
        DISTRICT,
        None,
    ),
    (
        r"\(jurisdiction = \( SELECT gas\.current_jurisdiction\(\) AS current_jurisdiction\)\)",
        DISTRICT,
        {"authority"},
    ),
    (
        r"\(\(username = \( SELECT gas\.auth_name\(\) AS auth_name\)\) OR \(id = \( SELECT gas\.auth_account\(\) AS auth_account\)\)\)",
        {"gas_auth"},
        {"account"},
    ),
    (
        r"\(\(token_hash = \( SELECT gas\.auth_session\(\) AS auth_session\)\)"
        r"( OR \(account_id = \( SELECT gas\.auth_account\(\) AS auth_account\)\)\))?"
        r"|\(token_hash = \( SELECT gas\.auth_session\(\) AS auth_session\)\)",
        {"gas_auth"},
        {"web_session"},
    ),
    (r"\(id = \( SELECT gas\.auth_tenant\(\) AS auth_tenant\)\)", {"gas_auth"}, {"tenant"}),
    (
        r"\(tenant_id = COALESCE\(\( SELECT gas\.auth_tenant\(\) AS auth_tenant\), 0\)\)",
        {"gas_auth"},
        {"audit"},
    ),
    (
        r"\(\(district >= \(\( SELECT gas\.current_jurisdiction\(\) AS current_jurisdiction\)\)::bpchar\) AND"
        r" \(district < \(\(\( SELECT gas\.current_jurisdiction\(\) AS current_jurisdiction\) \|\| ':'::text\)\)::bpchar\)\)",
        DISTRICT,
        {"tenant_total", "district_total", "report", "report_answer"},
    ),
    (
        r"\(\(tenant_id = 0\) OR \(tenant_id = ANY \(\(?\( SELECT gas\.visible_tenants\(\) AS visible_tenants\)\)?::integer\[\]\)\)\)",
        DISTRICT,
        {"audit"},
    ),
    (r"\(expires_at < now\(\)\)", {"gas_relay"}, {"web_session"}),
    (
        r"\(\(tenant_id = \( SELECT gas\.current_tenant\(\) AS current_tenant\)\) AND \(row_version = 1\) AND \(stage = 'new'::text\)"
        r" AND \(filled_at IS NULL\) AND \(checked_at IS NULL\) AND \(seen_at IS NULL\) AND \(EXISTS \( SELECT 1\s+FROM gas\.import_row r"
        r"\s+WHERE \(\(r\.tenant_id = cylinder\.tenant_id\) AND \(r\.target_id = cylinder\.id\) AND \(r\.state = 'written'::text\)\)\)\)\)",
        {"gas_worker"},
        {"cylinder"},
    ),
]
SHARED_TABLES = {
    "medium", "inspection_cycle", "violation_kind", "filling_limit", "district", "map_line", "map_source", "district_alias", "cache_epoch",
    "platform_key",
}  # fmt: skip
# «Sees every row» is right for what belongs to nobody, for the platform and relay, and for owners of definer functions.
SEES_ALL: dict[str, set[str]] = {
    "gas_platform": {"tenant", "authority", "licence", "medium_code", "account", "audit", "outbox", "total_check"},
    "gas_relay": {"upload", "outbox", "total_change", "total_check", "import_run", "label_making"},
    "gas_auth": {"authority"},
    OWNER: {"tenant", "account", "web_session", "device", "audit", "outbox", "cache_epoch", "total_change", "tenant_total",
            "district_total", "device_key", "enrolment", "platform_key", "label", "report", "report_answer"},
    LOOKUP: {"label", "cylinder", "tenant", "licence", "fill", "medium", "medium_code", "assay"},
}  # fmt: skip
ALL_WRITES = ("INSERT", "UPDATE", "DELETE")
OWNER_WRITES = {
    "report": ("INSERT",),
    "total_change": ("DELETE",),
    **dict.fromkeys(("tenant_total", "district_total"), ALL_WRITES),
}
# A right on a table that has no policies: whether the schema is the program's is no secret.
WITHOUT_POLICY = {("alembic_version", "gas_relay", "SELECT")}


def findings(connection: Connection) -> list[str]:
    """Every hole, one sentence each; empty when the walls stand."""
    checks = (_relations, _verbs, _readers, _kinds, _privileges, _foreign_keys, _unique_keys, _policies, _functions, _logins,
              _defaults)  # fmt: skip
    return [found for check in checks for found in check(connection)]


def policy_findings(connection: Connection) -> list[str]:
    """The part of `findings` that looks at policies."""
    return [found for check in (_verbs, _readers, _policies) for found in check(connection)]


def rows(connection: Connection, query: str, **values: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(query), {"roles": EVERYBODY, **values})]


# Who holds which right on which relation, whole or by column; PUBLIC is oid 0.
GRANTED = """
    SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
           coalesce(r.rolname, 'public') AS role, a.privilege_type AS verb
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
        SELECT grantee, privilege_type FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
        UNION SELECT x.grantee, x.privilege_type FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) x
              WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
      AND coalesce(r.rolname, 'public') = ANY(:roles)
"""


def _relations(connection: Connection) -> Iterator[str]:
    """A table that any plane reaches has forced row-level security; so has every table of the schema, reached or not."""
    open_tables = rows(
        connection,
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'gas'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition AND NOT (relrowsecurity AND relforcerowsecurity)"
        " AND relname <> 'alembic_version'",
    )
    for name, secured, forced in open_tables:
        yield f"relation {name}: row-level security {'is not forced' if secured else 'is off'} (forced: {forced})"
    for name, schema in rows(
        connection,
        "SELECT c.relname, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm')"
        " AND n.nspname NOT IN ('gas', 'pg_catalog', 'information_schema', 'pg_toast')"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')",
    ):
        yield f"relation {schema}.{name}: stands outside the schema"


def _verbs(connection: Connection) -> Iterator[str]:
    """For every right on a table there is a policy for that role and verb, and no policy names everybody."""
    missing = rows(
        connection,
        f"""SELECT g.relname, g.role, g.verb FROM ({GRANTED}) g
            WHERE g.relkind IN ('r', 'p') AND NOT g.relispartition AND g.verb IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
              AND NOT EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = 'gas' AND p.tablename = g.relname
                              AND g.role = ANY(p.roles::text[]) AND p.cmd = g.verb AND p.permissive = 'PERMISSIVE')""",
    )
    for name, role, verb in missing:
        if (name, role, verb) not in WITHOUT_POLICY:
            yield f"verb {name}: {role} may {verb} and no policy says which rows"


def _readers(connection: Connection) -> Iterator[str]:
    """The owner of a definer function reads every table that the function needs; without its policy the function answers wrongly."""
    seen = set(rows(connection, "SELECT unnest(CAST(roles AS text[])), tablename, cmd FROM pg_policies"))
    needed = [(role, table, "SELECT") for role in (OWNER, LOOKUP) for table in sorted(SEES_ALL[role])]
    needed += [(OWNER, table, verb) for table, verbs in OWNER_WRITES.items() for verb in verbs]
    for role, table, verb in needed:
        if (role, table, verb) not in seen:
            yield f"reader {table}: {role} can't {verb} what its function needs"


def _kinds(connection: Connection) -> Iterator[str]:
    """No plane reaches a partition, a materialized view or a foreign table; a view asks as whoever asks."""
    for _, name, kind, partition, _, _, options, role, verb in rows(connection, GRANTED):
        if partition:
            yield f"partition {name}: {role} may {verb} past the parent's policies"
        elif kind in ("m", "f"):
            yield f"view {name}: {role} may {verb} what can have no policy"
        elif kind == "v" and "security_invoker=true" not in (options or []):
            yield f"view {name}: asks as its owner, not as {role}"
    for name, kind in rows(
        connection,
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'gas'::regnamespace AND relkind IN ('m', 'f')",
    ):
        yield f"view {name}: a {'materialized view' if kind == 'm' else 'foreign table'} can have no policy"


def _privileges(connection: Connection) -> Iterator[str]:
    """Nobody empties, references or puts triggers on a table; PUBLIC has nothing; nobody but the owner creates things."""
    for _, name, _, _, _, _, _, role, verb in rows(connection, GRANTED):
        if verb in ("TRUNCATE", "REFERENCES", "TRIGGER") or role == "public":
            yield f"privilege {name}: {role} may {verb}"
    for schema in ("gas", "public"):
        for (role,) in rows(
            connection,
            "SELECT r FROM unnest(CAST(:roles AS text[])) r WHERE r <> 'public' AND has_schema_privilege(r, :schema, 'CREATE')",
            schema=schema,
        ):
            yield f"privilege {schema}: {role} may create things"
    for (name,) in rows(
        connection, "SELECT rolname FROM pg_roles r WHERE has_table_privilege(oid, 'gas.tenant', 'SELECT') AND rolbypassrls"
        " AND NOT rolsuper AND rolname <> :backup", backup=BACKUP
    ):  # fmt: skip
        yield f"privilege {name}: passes every wall"
    for name, verb in rows(
        connection,
        "SELECT c.relname, a.privilege_type FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE r.rolname = :backup AND a.privilege_type <> 'SELECT'",
        backup=BACKUP,
    ):
        yield f"privilege {name}: the backup may {verb}"


def _foreign_keys(connection: Connection) -> Iterator[str]:
    """A row of an enterprise points at rows of the same enterprise: the tenant's column goes to the tenant's column."""
    keys = rows(
        connection,
        """SELECT c.conname, f.relname, t.relname,
                  (SELECT array_agg(a.attname || '>' || b.attname ORDER BY k.n) FROM unnest(c.conkey, c.confkey) WITH ORDINALITY k(x, y, n)
                   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.x
                   JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.y)
           FROM pg_constraint c JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid
           WHERE c.contype = 'f' AND c.connamespace = 'gas'::regnamespace AND NOT f.relispartition AND c.conparentid = 0""",
    )
    for constraint, table, target, columns in keys:
        if table in NOT_TENANT_TABLES or target in TO_THE_TENANT_ITSELF:
            continue
        if "tenant_id>tenant_id" not in columns:  # type: ignore[operator]
            yield f"key {constraint}: {table} may point at another enterprise's {target}"


def _unique_keys(connection: Connection) -> Iterator[str]:
    """A unique key begins with the tenant, so that nobody learns of, or loses to, another's rows."""
    keys = rows(
        connection,
        """SELECT i.indexrelid::regclass::text, c.relname,
                  (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = i.indkey[0])
           FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
           WHERE i.indisunique AND c.relnamespace = 'gas'::regnamespace AND NOT c.relispartition""",
    )
    for index, table, first in keys:
        if table not in NOT_TENANT_TABLES and first != "tenant_id":
            yield f"unique {index}: {table} is unique across enterprises"
    for table, column in rows(
        connection,
        """SELECT c.relname, (SELECT format_type(atttypid, atttypmod) FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'tenant_id'
                             AND attnotnull)
           FROM pg_class c WHERE relnamespace = 'gas'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition""",
    ):
        if table not in NOT_TENANT_TABLES and column is None:
            yield f"unique {table}: has no tenant_id and isn't on the list of shared tables"


def _policies(connection: Connection) -> Iterator[str]:
    """Every condition of every policy is one that we know, held by a role that may hold it."""
    policies = rows(
        connection, "SELECT tablename, policyname, roles, cmd, permissive, qual, with_check FROM pg_policies"
    )
    for table, name, roles, verb, permissive, using, check in policies:
        for role in roles.strip("{}").split(",") if isinstance(roles, str) else roles:  # type: ignore[union-attr]
            for condition in filter(None, (using, check)):
                if not _approved(str(table), role, str(condition)):
                    yield f"policy {name} on {table}: {role} has the condition {condition}"
        if verb == "ALL" or permissive != "PERMISSIVE":
            yield f"policy {name} on {table}: is for {verb}, {permissive}"
        if (verb in ("INSERT", "UPDATE")) != (check is not None):
            yield f"policy {name} on {table}: has {'no' if check is None else 'a stray'} check"


def _approved(table: str, role: str, condition: str) -> bool:
    if condition == "true":
        return table in SEES_ALL.get(role, set()) or table in SHARED_TABLES
    return any(
        role in roles and (tables is None or table in tables) and re.fullmatch(pattern, condition)
        for pattern, roles, tables in CONDITIONS
    )


def _functions(connection: Connection) -> Iterator[str]:
    """Functions are called by those on the list; those that run as their owner are few and can't be led astray by a search path."""
    functions = rows(
        connection,
        """SELECT p.proname, p.prosecdef, p.proowner::regrole::text, p.proconfig, p.proleakproof,
                  (SELECT array_agg(r) FROM unnest(CAST(:roles AS text[])) r WHERE has_function_privilege(r, p.oid, 'EXECUTE'))
           FROM pg_proc p WHERE p.pronamespace = 'gas'::regnamespace""",
    )
    for name, definer, owner, config, leakproof, callers in functions:
        if definer and DEFINERS.get(str(name)) != owner:
            yield f"definer {name}: runs as {owner} and isn't on the list"
        pinned = [setting for setting in config or [] if str(setting).startswith("search_path=")]  # type: ignore[union-attr]
        if (
            not pinned
            or not str(pinned[0]).startswith("search_path=pg_catalog")
            or "public" in str(pinned[0])
        ):
            yield f"definer {name}: its search path isn't pinned"
        if leakproof:
            yield f"definer {name}: says of itself that it leaks nothing"
        owners = {OWNER, LOOKUP}
        strangers = {str(caller) for caller in callers or []} - CALLERS.get(str(name), set()) - owners  # type: ignore[union-attr]
        if strangers:
            yield f"caller {name}: {', '.join(sorted(strangers))} may call it"


def _logins(connection: Connection) -> Iterator[str]:
    """A login may connect and become one role; roles can't log in; neither owns anything nor has a way around the walls."""
    people = rows(
        connection,
        """SELECT r.rolname, r.rolcanlogin,
                  r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication, r.rolinherit,
                  coalesce((SELECT array_agg(g.rolname::text) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                            WHERE m.member = r.oid), '{}'),
                  (SELECT count(*) FROM pg_shdepend d WHERE d.refobjid = r.oid AND d.deptype = 'o'
                     AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
           FROM pg_roles r WHERE r.rolname = ANY(:roles) OR r.rolname = :owner""",
        owner=OWNER,
    )
    planes = {plane.login: plane.role for plane in Plane}
    for name, can_login, mighty, inherits, member_of, owns in people:
        name = str(name)
        if mighty or inherits:
            yield f"login {name}: {'has a way around the walls' if mighty else 'inherits what its role may do'}"
        if bool(can_login) != (name in planes):
            yield f"login {name}: {'can' if can_login else 'can not'} log in"
        wanted = [planes[name]] if name in planes else [LOOKUP] if name == OWNER else []
        if sorted(member_of) != wanted:  # type: ignore[call-overload]
            yield f"member {name}: is a member of {member_of}, not of {wanted}"
        if owns and name not in (OWNER, LOOKUP):
            yield f"login {name}: owns {owns} things"


def _defaults(connection: Connection) -> Iterator[str]:
    """What a later migration makes is nobody's until it says so."""
    given = rows(
        connection,
        """SELECT d.defaclobjtype, a.grantee::regrole::text, a.privilege_type FROM pg_default_acl d
           CROSS JOIN LATERAL aclexplode(d.defaclacl) a
           WHERE a.grantee = 0 OR a.grantee IN (SELECT oid FROM pg_roles WHERE rolname = ANY(:roles) AND rolname <> :owner)""",
        owner=OWNER,
    )
    for kind, role, verb in given:
        if role != LOOKUP:
            yield f"default {kind}: {role} would get {verb} on whatever is made next"
    closed = rows(
        connection,
        "SELECT 1 FROM pg_default_acl WHERE defaclnamespace = 0 AND defaclobjtype = 'f' AND defaclrole = CAST(:owner AS regrole)",
        owner=OWNER,
    )
    if not closed:
        yield "default f: PUBLIC would get EXECUTE on whatever function is made next"
