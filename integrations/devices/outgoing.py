"""What goes out. Descriptions are what the OpenAPI document and the readable page say."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from integrations.devices.schemas import told
from tenants.rules.states import CylinderStatus, Stage


class Said(BaseModel):
    """A stable code and a sentence in the language asked for."""

    code: str = told("Stable; branch on it", "稳定代码，程序据此判断")
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
        "Every reason, gravest first; empty with pass", "全部拒充原因，最严重的在前"
    )
    cautions: list[Said] = told(
        "What the data can't decide; a person should look", "数据无法判断、需人工留意的事项"
    )
    cylinder: CylinderBrief = told("The cylinder", "气瓶")
    issued_at: str = told("Server time, UTC", "出具时间(UTC)")
    valid_until: str = told("Ask again after this moment, UTC", "有效期至(UTC),过后重新查询")
    signature: str = told(
        "hmac-sha256:<hex> over the answer without this member, as JSON with sorted keys, no blanks, UTF-8; the server alone can check it",
        "hmac-sha256:<十六进制>,对去掉本字段的应答(键排序、无空格、UTF-8 的 JSON)计算；仅服务器可验证",
    )


class MalformedSaid(Said):
    """An event that was not taken."""

    index: int = told("Its place in `events`, from 0", "在 events 中的位置，从 0 起")
    field: str | None = told("The field at fault, where there is one", "有问题的字段", None)


class NoteSaid(Said):
    """Something about an event that was taken."""

    index: int = told("Its place in `events`, from 0", "在 events 中的位置，从 0 起")


class ReceiptAnswer(BaseModel):
    """The events are durable. Every event of the call is accepted, a duplicate, or malformed."""

    upload: str = told("Ask GET /uploads/{upload} what became of it", "用 GET /uploads/{upload} 查询处理结果")
    accepted: int = told("New events", "新接收条数")
    duplicates: int = told("Events that came before and changed nothing", "重复条数，不再处理")
    malformed: list[MalformedSaid] = told(
        "Events that can't be taken; sending them again won't help", "无法接收的记录，重发无用"
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
        "One for each event, repeats included, in the order sent", "逐条结果，含重复，按上传顺序"
    )


class CardAnswer(BaseModel):
    """Who works with the device, signed: good offline until `good_until`."""

    operator: str = told("Staff code", "作业人员编号")
    kinds: list[str] = told("Kinds of work", "工种")
    good_until: str = told("Sign in again after this moment, UTC", "有效期至(UTC),过后重新登录")
    kid: int = told("The key that signed, purpose `snapshot`", "签名密钥编号，用途 snapshot")
    payload: str = told(
        "JSON in base64: format, tenant, device, operator, issued_at, good_until",
        "JSON 的 base64:format、tenant、device、operator、issued_at、good_until",
    )
    signature: str = told(
        "Base64 of the Ed25519 signature over `QPOPER1`, a line feed and the payload's bytes",
        "对“QPOPER1”、换行符和 payload 字节的 Ed25519 签名，base64",
    )


class GapSaid(BaseModel):
    """Numbers that never came."""

    first: int = told("First missing `seq`", "缺失的第一个 seq")
    last: int = told("Last missing `seq`", "缺失的最后一个 seq")
    count: int = told("How many", "缺失条数")
    after: str = told("`occurred_at` of the event before", "前一条记录的 occurred_at")
    before: str = told("`occurred_at` of the event after", "后一条记录的 occurred_at")


class MissingAnswer(BaseModel):
    """What the server never saw of this device, of the last 30 days."""

    missing: list[GapSaid] = told(
        "Gaps between numbers; send these events, if you have them", "流水号缺口；如仍有这些记录请补传"
    )


class RingKey(BaseModel):
    """The key that checks the first key ring."""

    kid: int = told("Number of the key", "密钥编号")
    public_key: str = told("Ed25519, 32 bytes in base64", "Ed25519 公钥,32 字节 base64")


class EnrolAnswer(BaseModel):
    """The device has its identity."""

    device_id: str = told("The device", "设备 id")
    key_id: str = told("The `keyid` of its signed requests", "签名请求所用的 keyid")
    kid: int = told(
        "The key's number in tags, unique in the enterprise", "写入电子标签的密钥编号，本单位内唯一"
    )
    tenant: str = told("The enterprise, as 370502-001", "所属单位，如 370502-001")
    role: str = told("Role of the device", "设备岗位")
    name: str = told("Name of the device", "设备名称")
    server_time: str = told("UTC, RFC 3339 with milliseconds", "服务器时间(UTC),精确到毫秒")
    ring_key: RingKey = told("Keep it: it checks the first key ring", "请保存：用于首次校验密钥目录")


class KeyringAnswer(BaseModel):
    """The public keys that verify tags, snapshots and devices, signed."""

    kid: int = told("The key that signed, purpose `ring`", "签名密钥编号，用途 ring")
    payload: str = told(
        "The ring: JSON in base64; docs/device-keys.md says what is in it", "密钥目录:JSON 的 base64"
    )
    signature: str = told(
        "Base64 of the Ed25519 signature over `QPRING1`, a line feed and the payload's bytes",
        "对“QPRING1”、换行符和 payload 字节的 Ed25519 签名，base64",
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
    code: str = told("Stable; branch on it", "稳定代码，程序据此判断")
    request_id: str = told("Tell this number when you ask for help", "求助时请提供此编号")
    errors: list[FieldSaid] | None = told(
        "With code `invalid`: the fields", "code 为 invalid 时：各字段", None
    )
