"""Tables, one noun per file. May import the rules, SQLAlchemy and GeoAlchemy2. Read `base.py` first.

Importing this package registers every table on `Base.metadata`.
"""

from tenants.models.account import Account, WebSession
from tenants.models.assay import Assay
from tenants.models.audit import Audit
from tenants.models.authority import Authority
from tenants.models.base import Base
from tenants.models.customer import Customer
from tenants.models.cylinder import Cylinder
from tenants.models.device import Device
from tenants.models.district import District, DistrictAlias, MapLine, MapSource
from tenants.models.fill import Fill, FillCheck
from tenants.models.finding import Finding
from tenants.models.import_run import ImportFile, ImportRow, ImportRun
from tenants.models.inbox import DeviceEvent, Upload
from tenants.models.keys import DeviceKey, Enrolment, PlatformKey
from tenants.models.label import Label, LabelIssue, LabelRun
from tenants.models.label_making import LabelFile, LabelMaking
from tenants.models.order import Order, OrderLine
from tenants.models.outbox import CacheEpoch, Outbox
from tenants.models.pin import PinTry, StaffPin
from tenants.models.recovery import Recovery, RecoveryLine
from tenants.models.reference import FillingLimit, InspectionCycle, Medium, ViolationKind
from tenants.models.report import Report, ReportAnswer
from tenants.models.series import NumberSeries
from tenants.models.staff import Certificate, Staff
from tenants.models.station import Station
from tenants.models.tag import Tag
from tenants.models.tenant import Licence, MediumCode, Tenant
from tenants.models.total import DistrictTotal, TenantTotal, TotalChange, TotalCheck
from tenants.models.trace import TraceEvent
from tenants.models.violation import Violation
from tenants.models.warehouse import Warehouse

__all__ = [
    "Account", "Assay", "Audit", "Authority", "Base", "CacheEpoch", "Certificate", "Customer", "Cylinder", "Device", "DeviceEvent",
    "DeviceKey", "District", "DistrictAlias", "DistrictTotal", "Enrolment", "Fill", "FillCheck", "FillingLimit", "Finding", "ImportFile",
    "ImportRow", "ImportRun", "InspectionCycle", "Label", "LabelFile", "LabelIssue", "LabelMaking", "LabelRun", "Licence", "MapLine",
    "MapSource", "Medium",
    "MediumCode", "NumberSeries", "Order", "OrderLine", "Outbox", "PinTry", "PlatformKey", "Recovery", "RecoveryLine", "Report",
    "ReportAnswer", "Staff",
    "StaffPin", "Station", "Tag", "Tenant", "TenantTotal", "TotalChange", "TotalCheck", "TraceEvent", "Upload", "Violation",
    "ViolationKind", "Warehouse", "WebSession",
]  # fmt: skip
