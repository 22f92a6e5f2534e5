"""What may come in. Descriptions are what the OpenAPI document, the readable page and the error messages say."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import RFC_4122, UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tenants.rules.states import EventKind

MOST_DATA = 8 * 1024  # bytes of compact UTF-8 JSON
MOST_EVENTS = 500
LARGEST_SEQ = 2**63 - 1
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def told(en: str, zh: str, default: Any = ..., **limits: Any) -> Any:
    """A field with its description in both languages."""
    return Field(default, description=en, json_schema_extra={"x-description-zh": zh}, **limits)


class Shape(BaseModel):
    """Nothing is converted and nothing unknown is let in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _uuid7(value: str) -> str:
    found = UUID(value)
    if found.version != 7 or found.variant != RFC_4122 or str(found) != value.lower():
        raise ValueError("not a UUIDv7")
    return str(found)


def _moment(value: str) -> str:
    if not _MOMENT.fullmatch(value):
        raise ValueError("not RFC 3339 with an offset")
    found = datetime.fromisoformat(value.upper())
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise ValueError("out of range")
    return value.upper()


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) > MOST_DATA:
        raise PydanticCustomError("data_too_large", "data is over 8 KiB")
    return value


Hex = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{2,64}$"), AfterValidator(str.upper)]
Short = Annotated[str, Field(max_length=64)]
Label = Annotated[str, Field(max_length=512)]


class Position(Shape):
    """Where it happened, in degrees."""

    lon: float = told("Longitude, -180 to 180", "经度,-180 至 180", ge=-180, le=180)
    lat: float = told("Latitude, -90 to 90", "纬度,-90 至 90", ge=-90, le=90)
    accuracy_m: float | None = told("Radius in metres", "精度，米", None, ge=0, le=1e6)
    crs: Literal["CGCS2000", "WGS84", "GCJ02"] = told(
        "Datum. A GCJ02 position is left out and noted; the event itself is accepted",
        "坐标系。GCJ02 坐标不采用并在 notes 中注明，记录本身照常接收",
    )


class Event(Shape):
    """One thing that happened to one cylinder."""

    id: Annotated[str, AfterValidator(_uuid7), Field(json_schema_extra={"format": "uuid"})] = told(
        "UUIDv7 made by the device; the same event sent again keeps its id",
        "设备生成的 UUIDv7;重发同一条记录时不变",
    )
    seq: int = told(
        "The device's own counter, 0 to 2^63-1", "设备自己的流水号,0 至 2^63-1", ge=0, le=LARGEST_SEQ
    )
    kind: Annotated[EventKind, Field(strict=False)] = told("What happened", "事件种类")
    occurred_at: Annotated[str, AfterValidator(_moment), Field(json_schema_extra={"format": "date-time"})] = (
        told(
            "RFC 3339 with offset, as 2026-03-01T08:15:00+08:00",
            "RFC 3339 时间，须带时区，如 2026-03-01T08:15:00+08:00",
        )
    )
    label: Label | None = told(
        "What the reader delivered: 17 digits, 11 digits or the printed URL; at most 512 characters",
        "读到的内容原样:17 位、11 位数字或印刷网址；最多 512 字符",
        None,
    )
    uid: Hex | None = told("The chip's number, 2 to 64 hex digits", "电子标签 UID,2 至 64 位十六进制", None)
    operator: Short | None = told("Staff code, at most 64 characters", "作业人员编号，最多 64 字符", None)
    place: Short | None = told(
        "Code of the warehouse, station or gun, at most 64 characters",
        "仓库、供应站或充装枪编号，最多 64 字符",
        None,
    )
    position: Position | None = told(
        "Where it happened: lon, lat, accuracy_m, crs", "位置:lon、lat、accuracy_m、crs", None
    )
    data: Annotated[dict[str, Any], AfterValidator(_small)] = told(
        "An object of what the kind needs, at most 8 KiB",
        "该种类所需内容,JSON 对象，最多 8 KiB",
        default_factory=dict,
    )
    signature: Annotated[str, Field(max_length=1024, pattern=r"^[A-Za-z0-9+/_-]*={0,2}$")] | None = told(
        "Base64; kept with the event. Of an enrolled device it is checked: docs/device-keys.md",
        "Base64;随记录保存。已注册设备的签名会被校验",
        None,
    )

    @model_validator(mode="after")
    def _names_something(self) -> Event:
        if self.label is None and self.uid is None:
            raise PydanticCustomError("label_missing", "label or uid")
        return self


class Upload(Shape):
    """The body of POST /events."""

    events: list[Event] = told(
        "1 to 500 events; each is looked at by itself",
        "1 至 500 条记录，逐条检查",
        min_length=1,
        max_length=MOST_EVENTS,
    )


class VerdictRequest(Shape):
    """The body of POST /verdicts; `label` or `uid` is needed, both may be given."""

    label: Label | None = told("What the reader delivered, as it is", "读到的内容原样", None)
    uid: Hex | None = told("The chip's number, 2 to 64 hex digits", "电子标签 UID,2 至 64 位十六进制", None)
    purpose: Literal["fill"] = told("Always `fill`", "固定为 fill", "fill")
    medium: Short | None = told(
        "The enterprise's two digits or a medium's key; without it, the cylinder's own",
        "介质两位代码或介质标识；缺省为气瓶自身介质",
        None,
    )
    gun: Short | None = told("Code of the filling gun", "充装枪编号", None)
    operator: Short | None = told("Staff code of who fills", "充装人员编号", None)

    @model_validator(mode="after")
    def _names_something(self) -> VerdictRequest:
        if self.label is None and self.uid is None:
            raise PydanticCustomError("label_missing", "label or uid")
        return self


class SignInRequest(Shape):
    """The body of POST /operators/sign-in."""

    operator: Annotated[str, Field(min_length=1, max_length=64)] = told("Staff code", "作业人员编号")
    pin: Annotated[str, Field(pattern=r"^[0-9]{4,8}$")] = told("4 to 8 digits", "4 至 8 位数字")


class EnrolRequest(Shape):
    """The body of POST /enrol."""

    token: Annotated[str, Field(max_length=128)] = told("The one-time token", "一次性注册码")
    public_key: Annotated[str, Field(max_length=256)] = told(
        "Ed25519 public key, base64: 32 raw bytes, or SPKI", "Ed25519 公钥,base64:32 字节原始值或 SPKI"
    )
    name: Short = told("What to call the device; empty for a name by role", "设备名称，留空则按岗位编号", "")
    model: Short = told("Make and model", "设备型号", "")
    proof: Annotated[str, Field(max_length=256)] | None = told(
        "Base64 of the key's signature over `QPENROL1`, a line feed and the token",
        "可选：用该密钥对“QPENROL1”、换行符和注册码签名，base64",
        None,
    )
