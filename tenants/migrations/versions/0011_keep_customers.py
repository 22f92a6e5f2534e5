"""Keep customers, orders, recoveries, warehouses and stations; and the series of numbers that an office writes on paper.

Who a customer is, where they live and how to call them is for the enterprise's own people: no authority, device or worker has a right
on these tables. Where a cylinder was delivered is in its trace, without a name.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import wall

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Statements are parted by ";;".
TABLES = """
CREATE TABLE gas.number_series (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  series TEXT NOT NULL,
  last INTEGER NOT NULL,
  CONSTRAINT pk_number_series PRIMARY KEY (tenant_id, series)
)
;;
CREATE TABLE gas.customer (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  number CHAR(10) COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  district CHAR(6) COLLATE "C" NOT NULL,
  contact TEXT NOT NULL,
  phone TEXT NOT NULL,
  address TEXT NOT NULL,
  state TEXT NOT NULL,
  row_version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_customer PRIMARY KEY (tenant_id, id),
  CONSTRAINT uq_customer_tenant_id_number UNIQUE (tenant_id, number),
  CONSTRAINT ck_customer_number CHECK (number ~ '^[0-9]{10}$'),
  CONSTRAINT ck_customer_name CHECK (name <> ''),
  CONSTRAINT ck_customer_kind CHECK (kind IN ('person', 'company')),
  CONSTRAINT ck_customer_state CHECK (state IN ('active', 'closed'))
)
;;
CREATE INDEX ix_customer_created ON gas.customer (tenant_id, created_at)
;;
CREATE TABLE gas.customer_order (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  number TEXT NOT NULL,
  customer_id UUID NOT NULL,
  driver_code TEXT,
  state TEXT NOT NULL,
  out_at TIMESTAMP WITH TIME ZONE,
  done_at TIMESTAMP WITH TIME ZONE,
  note TEXT NOT NULL,
  row_version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_customer_order PRIMARY KEY (tenant_id, id),
  CONSTRAINT uq_customer_order_tenant_id_number UNIQUE (tenant_id, number),
  CONSTRAINT fk_customer_order_tenant_id_customer_id FOREIGN KEY(tenant_id, customer_id) REFERENCES gas.customer (tenant_id, id),
  CONSTRAINT ck_customer_order_state CHECK (state IN ('waiting', 'out', 'delivered'))
)
;;
CREATE INDEX ix_customer_order_created ON gas.customer_order (tenant_id, created_at)
;;
CREATE INDEX ix_customer_order_customer ON gas.customer_order (tenant_id, customer_id)
;;
CREATE TABLE gas.customer_order_line (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  order_id UUID NOT NULL,
  position SMALLINT NOT NULL,
  empty_medium_id TEXT,
  medium_id TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  CONSTRAINT pk_customer_order_line PRIMARY KEY (tenant_id, order_id, position),
  CONSTRAINT fk_customer_order_line_tenant_id_order_id FOREIGN KEY(tenant_id, order_id) REFERENCES gas.customer_order (tenant_id, id),
  CONSTRAINT ck_customer_order_line_quantity CHECK (quantity BETWEEN 1 AND 9999)
)
;;
CREATE TABLE gas.recovery (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  number TEXT NOT NULL,
  customer_id UUID NOT NULL,
  driver_code TEXT,
  state TEXT NOT NULL,
  collected_at TIMESTAMP WITH TIME ZONE,
  done_at TIMESTAMP WITH TIME ZONE,
  note TEXT NOT NULL,
  row_version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_recovery PRIMARY KEY (tenant_id, id),
  CONSTRAINT uq_recovery_tenant_id_number UNIQUE (tenant_id, number),
  CONSTRAINT fk_recovery_tenant_id_customer_id FOREIGN KEY(tenant_id, customer_id) REFERENCES gas.customer (tenant_id, id),
  CONSTRAINT ck_recovery_state CHECK (state IN ('to_confirm', 'collecting', 'done'))
)
;;
CREATE INDEX ix_recovery_created ON gas.recovery (tenant_id, created_at)
;;
CREATE INDEX ix_recovery_customer ON gas.recovery (tenant_id, customer_id)
;;
CREATE TABLE gas.recovery_line (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  recovery_id UUID NOT NULL,
  position SMALLINT NOT NULL,
  medium_id TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  CONSTRAINT pk_recovery_line PRIMARY KEY (tenant_id, recovery_id, position),
  CONSTRAINT fk_recovery_line_tenant_id_recovery_id FOREIGN KEY(tenant_id, recovery_id) REFERENCES gas.recovery (tenant_id, id),
  CONSTRAINT ck_recovery_line_quantity CHECK (quantity BETWEEN 1 AND 9999)
)
;;
CREATE TABLE gas.warehouse (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  keeper_code TEXT,
  state TEXT NOT NULL,
  row_version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_warehouse PRIMARY KEY (tenant_id, id),
  CONSTRAINT uq_warehouse_tenant_id_code UNIQUE (tenant_id, code),
  CONSTRAINT ck_warehouse_code CHECK (code <> ''),
  CONSTRAINT ck_warehouse_state CHECK (state IN ('open', 'closed'))
)
;;
CREATE TABLE gas.station (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  keeper_code TEXT,
  state TEXT NOT NULL,
  row_version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_station PRIMARY KEY (tenant_id, id),
  CONSTRAINT uq_station_tenant_id_code UNIQUE (tenant_id, code),
  CONSTRAINT ck_station_code CHECK (code <> ''),
  CONSTRAINT ck_station_state CHECK (state IN ('open', 'closed'))
)
"""
OF_THE_OFFICE = (
    "number_series",
    "customer",
    "customer_order",
    "customer_order_line",
    "recovery",
    "recovery_line",
)
PLACES = ("warehouse", "station")


def walls() -> Iterator[str]:
    """The office's tables are the enterprise's alone; its places are on the devices and in the authority's view too."""
    for table in OF_THE_OFFICE:
        yield from wall(table, tenant="SIU")
    for table in PLACES:
        yield from wall(table, tenant="SIU", device="S", worker="S", regulator="S", inspector="S")


def upgrade() -> None:
    """The tables and their walls."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run((*TABLES.split(";;"), *walls()))


def downgrade() -> None:
    """Without them again."""
    for table in (*PLACES, *reversed(OF_THE_OFFICE)):
        op.execute(f"DROP TABLE gas.{table}")
