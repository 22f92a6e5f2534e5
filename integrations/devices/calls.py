"""The calls in words: what `api.py` tags its views with."""

from __future__ import annotations

from integrations.devices.describe import Description
from integrations.devices.outgoing import (
    CardAnswer,
    EnrolAnswer,
    KeyringAnswer,
    MissingAnswer,
    ReceiptAnswer,
    TimeAnswer,
    UploadAnswer,
    VerdictAnswer,
)
from integrations.devices.schemas import EnrolRequest, SignInRequest, Upload, VerdictRequest
from integrations.devices.words import Said

VERDICT = Description(
    summary=Said("充装前判定", "May this cylinder be filled now?"),
    detail=Said(
        "每次充装前调用。未知标签、未知介质、无证人员都以 block 及原因应答，而不是错误。除 pass 以外的任何应答(含超时)都不得充装。",
        "Call before every fill. An unknown label, medium or operator is a block with its reason, not an error. Anything but a"
        " `pass`, a time-out too, means: don't fill.",
    ),
    status=200,
    answer=VerdictAnswer,
    body=VerdictRequest,
    problems=("malformed_json", "too_large", "unsupported_media_type", "invalid"),
    example={
        "label": "37050200101000001",
        "purpose": "fill",
        "medium": "01",
        "gun": "G-01",
        "operator": "F01",
    },
)
EVENTS = Description(
    summary=Said("上传事件", "Report what happened"),
    detail=Said(
        "收到 202 即表示事件已写入数据库；收到其他应答或没有应答时，请保留并原样重发(id 不变),重发不会重复入账。"
        "malformed 中的记录不会被处理，其余记录不受影响。",
        "With the 202 the events are durable. After any other answer, or none, keep them and send the same again (same ids): a"
        " repeat changes nothing. Malformed events are listed and never stop the others.",
    ),
    status=202,
    answer=ReceiptAnswer,
    body=Upload,
    problems=(
        "malformed_json",
        "too_large",
        "unsupported_media_type",
        "invalid",
        "no_events",
        "too_many_events",
    ),
    example={
        "events": [
            {
                "id": "019a6e3c-7c00-7000-8000-000000000001",
                "seq": 1,
                "kind": "take_in",
                "occurred_at": "2026-03-01T08:15:00+08:00",
                "label": "37050200101000001",
                "place": "W-01",
            }
        ]
    },
)
UPLOAD = Description(
    summary=Said("查询处理结果", "What became of an upload"),
    detail=Said(
        "逐条给出结果。其他设备或其他单位的上传与不存在的上传应答相同。",
        "One result for each event. Another device's upload and none at all look the same.",
    ),
    status=200,
    answer=UploadAnswer,
    problems=("not_found",),
)
TIME = Description(
    summary=Said("服务器时间", "The server's clock"),
    detail=Said("无需令牌。用于校准设备时钟。", "Needs no token. For setting the device's clock."),
    status=200,
    answer=TimeAnswer,
)
ENROL = Description(
    summary=Said("设备注册", "Enrol a device"),
    detail=Said(
        "用一次性注册码登记设备自己生成的 Ed25519 公钥，私钥不离开设备。注册码十分钟内有效，只能用一次。",
        "Enters the Ed25519 key that the device made for itself; the private half never leaves it. A token is good for ten minutes"
        " and for one device.",
    ),
    status=201,
    answer=EnrolAnswer,
    body=EnrolRequest,
    problems=(
        "malformed_json", "too_large", "unsupported_media_type", "invalid", "enrolment_unknown", "enrolment_used", "enrolment_expired",
        "bad_public_key", "bad_proof", "key_taken", "name_taken", "too_many", "unavailable",
    ),
    example={
        "token": "q8S0m3f1xY7nD2kLw9RtVA",
        "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "name": "PDA-17",
        "model": "UROVO DT50",
    },
)  # fmt: skip
KEYRING = Description(
    summary=Said("密钥目录", "The key ring"),
    detail=Said(
        "校验电子标签、离线数据和设备签名所需的全部公钥，由平台签名；已吊销的密钥也在其中并注明。",
        "Every public key that checks tags, snapshots and devices' signatures, signed by the platform; revoked keys are in it and say so.",
    ),
    status=200,
    answer=KeyringAnswer,
)
SNAPSHOT = Description(
    summary=Said("离线判定数据", "The snapshot for judging offline"),
    detail=Said(
        "本单位全部标签、判定结果和到期日期，由平台签名；带 since 时只返回变化的部分。格式见 docs/snapshot-format.md。",
        "Every label of the enterprise with what the rule says of it and the dates to come, signed by the platform; with `since` only"
        " what changed. docs/snapshot-format.md says how to read it.",
    ),
    status=200,
    answer=None,
    file="application/vnd.qp.snapshot",
    query=(("since", Said("已有数据的 version", "The `version` that you hold")),),
)
SIGN_IN = Description(
    summary=Said("人员登录设备", "Sign in on the device"),
    detail=Said(
        "以人员编号和 PIN 登录，返回一个班次内有效的签名凭证，离线可继续使用。同一人在同一设备上连续输错 5 次，锁定 15 分钟。",
        "Staff code and PIN give a signed card for a shift, which needs no network afterwards. Five wrong tries of one worker on one"
        " device lock this pair for 15 minutes.",
    ),
    status=200,
    answer=CardAnswer,
    body=SignInRequest,
    problems=("malformed_json", "too_large", "unsupported_media_type", "invalid", "bad_pin", "pin_locked"),
    example={"operator": "F01", "pin": "4711"},
)
MISSING = Description(
    summary=Said("缺失的记录", "Events that never came"),
    detail=Said(
        "本设备最近 30 天流水号(seq)中的缺口。仅对逐一计数的已注册设备统计。",
        "Gaps in the `seq` of this device in the last 30 days. Only enrolled devices, which count one by one, are looked at.",
    ),
    status=200,
    answer=MissingAnswer,
)

# What `data` may hold, by kind; a worker reads it, and what it can't use makes the event `rejected` with code `bad_data`.
_MOVE = ("order", "note", "reason", "warehouse", "station")
DATA: dict[str, tuple[str, ...]] = {
    "bind_label": ("cylinder | serial_no + maker", "replaces", "reason"),
    "take_in": _MOVE,
    "check_before_fill": ("passed: true/false", "items: {}", "note"),
    "fill": (
        "medium", "net_kg", "gross_kg", "tare_kg", "residual_mpa", "pressure_mpa", "temperature_c", "gun", "batch", "started_at",
        "ended_at", "blocked: [codes]",
    ),
    "check_after_fill": ("passed: true/false", "items: {}", "note"),
    "send_to_inspection": _MOVE,
    "inspect": ("passed: true/false", "inspected_on", "next_on", "precision: day/month", "valve_end_of_life_on", "reason"),
    "repair": ("work", "valve_end_of_life_on", "note"),
    "store_in": _MOVE,
    "store_out": _MOVE,
    "deliver": _MOVE,
    "recover": _MOVE,
    "scrap": ("reason",),
    "finding": ("violation: V01", "hazard: 1..99", "disposition: noted/rectify/stop/lifted", "note: ≤ 500", "finding_seq"),
    "tag_written": ("verified: true/false", "base_seq: 0..65535", "finding_seq: 0..65535"),
}  # fmt: skip
