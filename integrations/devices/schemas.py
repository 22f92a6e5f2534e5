"""What may come in and what goes out. Descriptions are what the OpenAPI document, the readable page and the error messages say."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import RFC_4122, UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tenants.rules.states import CylinderStatus, EventKind, Stage

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
    accuracy_m: float | None = told("Radius in metres", "精度,米", None, ge=0, le=1e6)
    crs: Literal["CGCS2000", "WGS84", "GCJ02"] = told(
        "Datum. A GCJ02 position is left out and noted; the event itself is accepted",
        "坐标系。GCJ02 坐标不采用并在 notes 中注明,记录本身照常接收",
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
            "RFC 3339 时间,须带时区,如 2026-03-01T08:15:00+08:00",
        )
    )
    label: Label | None = told(
        "What the reader delivered: 17 digits, 11 digits or the printed URL; at most 512 characters",
        "读到的内容原样:17 位、11 位数字或印刷网址;最多 512 字符",
        None,
    )
    uid: Hex | None = told("The chip's number, 2 to 64 hex digits", "电子标签 UID,2 至 64 位十六进制", None)
    operator: Short | None = told("Staff code, at most 64 characters", "作业人员编号,最多 64 字符", None)
    place: Short | None = told(
        "Code of the warehouse, station or gun, at most 64 characters",
        "仓库、供应站或充装枪编号,最多 64 字符",
        None,
    )
    position: Position | None = told(
        "Where it happened: lon, lat, accuracy_m, crs", "位置:lon、lat、accuracy_m、crs", None
    )
    data: Annotated[dict[str, Any], AfterValidator(_small)] = told(
        "An object of what the kind needs, at most 8 KiB",
        "该种类所需内容,JSON 对象,最多 8 KiB",
        default_factory=dict,
    )
    signature: Annotated[str, Field(max_length=1024, pattern=r"^[A-Za-z0-9+/_-]*={0,2}$")] | None = told(
        "Base64; kept with the event", "Base64;随记录保存", None
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
        "1 至 500 条记录,逐条检查",
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
        "介质两位代码或介质标识;缺省为气瓶自身介质",
        None,
    )
    gun: Short | None = told("Code of the filling gun", "充装枪编号", None)
    operator: Short | None = told("Staff code of who fills", "充装人员编号", None)

    @model_validator(mode="after")
    def _names_something(self) -> VerdictRequest:
        if self.label is None and self.uid is None:
            raise PydanticCustomError("label_missing", "label or uid")
        return self


class Said(BaseModel):
    """A stable code and a sentence in the language asked for."""

    code: str = told("Stable; branch on it", "稳定代码,程序据此判断")
    message: str = told("For people", "给人看的说明")


class RefusalSaid(Said):
    """A reason why it may not be filled."""

    severity: str = told("critical or major", "critical 或 major")
    to_do: str = told("What to do about it", "处理办法")


class CylinderBrief(BaseModel):
    """What is known of the cylinder; all null when this enterprise knows no such label."""

    code: str | None = told("The label's 17 digits", "标签 17 位编码")
    serial_no: str | None = told("Stamped serial number", "出厂编号")
    medium: str | None = told("Key of the medium", "介质标识")
    kind: str | None = told("Kind of cylinder", "气瓶品种")
    status: CylinderStatus | None = told("Whether it may be used at all", "使用状态")
    stage: Stage | None = told("Where it is in its round", "流转环节")
    fillable_until: str | None = told("Last day on which it may be filled", "可充装至")
    next_inspection_on: str | None = told("Due date of the next inspection", "下次检验日期")
    end_of_life_on: str | None = told("End of its design service life", "设计使用年限截止")
    tare_kg: float | None = told("Tare, kg", "皮重,kg")
    max_fill_kg: float | None = told("Largest fill, kg", "最大充装量,kg")
    volume_l: float | None = told("Water capacity, litres", "公称容积,L")


class VerdictAnswer(BaseModel):
    """May it be filled now? Keep the answer with the fill; it is good until `valid_until`."""

    verdict: Literal["pass", "block"] = told("`pass` or `block`", "pass 可充 / block 不可充")
    refusals: list[RefusalSaid] = told(
        "Every reason, gravest first; empty with pass", "全部拒充原因,最严重的在前"
    )
    cautions: list[Said] = told(
        "What the data can't decide; a person should look", "数据无法判断、需人工留意的事项"
    )
    cylinder: CylinderBrief = told("The cylinder", "气瓶")
    issued_at: str = told("Server time, UTC", "出具时间(UTC)")
    valid_until: str = told("Ask again after this moment, UTC", "有效期至(UTC),过后重新查询")
    signature: str = told(
        "hmac-sha256:<hex> over the answer without this member, as JSON with sorted keys, no blanks, UTF-8; the server alone can check it",
        "hmac-sha256:<十六进制>,对去掉本字段的应答(键排序、无空格、UTF-8 的 JSON)计算;仅服务器可验证",
    )


class MalformedSaid(Said):
    """An event that was not taken."""

    index: int = told("Its place in `events`, from 0", "在 events 中的位置,从 0 起")
    field: str | None = told("The field at fault, where there is one", "有问题的字段", None)


class NoteSaid(Said):
    """Something about an event that was taken."""

    index: int = told("Its place in `events`, from 0", "在 events 中的位置,从 0 起")


class ReceiptAnswer(BaseModel):
    """The events are durable. Every event of the call is accepted, a duplicate, or malformed."""

    upload: str = told("Ask GET /uploads/{upload} what became of it", "用 GET /uploads/{upload} 查询处理结果")
    accepted: int = told("New events", "新接收条数")
    duplicates: int = told("Events that came before and changed nothing", "重复条数,不再处理")
    malformed: list[MalformedSaid] = told(
        "Events that can't be taken; sending them again won't help", "无法接收的记录,重发无用"
    )
    notes: list[NoteSaid] = told("Remarks about events that were taken", "对已接收记录的说明")


class ResultSaid(BaseModel):
    """What became of one event."""

    id: str = told("The event", "记录 id")
    state: Literal["pending", "applied", "refused", "rejected"] = told(
        "applied; refused: a rule said no and that is on record; rejected: can't be understood or isn't yours; pending",
        "applied 已入账;refused 规则拒绝并已留痕;rejected 无法识别或不属于本单位;pending 处理中",
    )
    refusals: list[str] = told("Codes of the refusals", "拒充代码")
    code: str = told("Why it was rejected or refused; empty when applied", "原因代码;applied 时为空")
    message: str = told("For people", "给人看的说明")


class UploadAnswer(BaseModel):
    """What became of an upload."""

    state: Literal["queued", "done"] = told("done when no event is pending", "全部处理完为 done")
    results: list[ResultSaid] = told(
        "One for each event, repeats included, in the order sent", "逐条结果,含重复,按上传顺序"
    )


class TimeAnswer(BaseModel):
    """The server's clock."""

    server_time: str = told("UTC, RFC 3339 with milliseconds", "服务器时间(UTC),精确到毫秒")


class FieldSaid(Said):
    """A field that can't be used."""

    field: str = told("The field", "字段")


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str = told("about:blank", "固定为 about:blank")
    title: str = told("For people", "给人看的说明")
    status: int = told("The HTTP status", "HTTP 状态码")
    code: str = told("Stable; branch on it", "稳定代码,程序据此判断")
    request_id: str = told("Tell this number when you ask for help", "求助时请提供此编号")
    errors: list[FieldSaid] | None = told(
        "With code `invalid`: the fields", "code 为 invalid 时:各字段", None
    )
