"""Chain the audit: a trigger numbers each entry and hashes it with its predecessor, one chain per enterprise."""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The number is taken under the lock, so that the order of numbers is the order of the chain.
CHAIN = """
CREATE FUNCTION gas.chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE last_seq bigint; last_hash text;
BEGIN
  PERFORM pg_advisory_xact_lock(1734439793, NEW.tenant_id);
  SELECT seq, hash INTO last_seq, last_hash FROM gas.audit WHERE tenant_id = NEW.tenant_id ORDER BY seq DESC LIMIT 1;
  NEW.seq := coalesce(last_seq, 0) + 1;
  NEW.at := clock_timestamp();
  NEW.previous_hash := coalesce(last_hash, '');
  NEW.hash := gas.audit_hash(NEW);
  RETURN NEW;
END $$
"""

HASH = """
CREATE FUNCTION gas.audit_hash(entry gas.audit) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\\x1f', entry.tenant_id, entry.seq,
    extract(epoch FROM entry.at), entry.actor, entry.action, entry.subject, entry.detail::text, entry.previous_hash), 'UTF8')), 'hex')
$$
"""


def upgrade() -> None:
    """The hash, the trigger, and a policy that lets the trigger's owner write what the caller may write."""
    run((HASH, CHAIN))
    op.execute(
        "CREATE TRIGGER audit_chain BEFORE INSERT ON gas.audit FOR EACH ROW EXECUTE FUNCTION gas.chain_audit()"
    )
    op.execute("GRANT EXECUTE ON FUNCTION gas.audit_hash(gas.audit) TO gas_platform, gas_tenant")


def downgrade() -> None:
    """Take the chain away."""
    op.execute("DROP TRIGGER audit_chain ON gas.audit")
    op.execute("DROP FUNCTION gas.chain_audit()")
    op.execute("DROP FUNCTION gas.audit_hash(gas.audit)")
