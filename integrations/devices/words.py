"""Every code that the device API answers with, and its sentence in both languages. A code may be retired, it is never renamed."""

from __future__ import annotations

from typing import NamedTuple

from flask import Request

LANGUAGES = ("zh", "en")


class Said(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in one of LANGUAGES."""
        return self.en if language == "en" else self.zh


PROBLEMS: dict[str, tuple[int, Said]] = {
    "malformed_json": (400, Said("请求内容不是 UTF-8 编码的 JSON", "The body is not JSON in UTF-8")),
    "bad_request": (400, Said("请求无法处理", "The request can't be used")),
    "bad_token": (401, Said("缺少令牌，或令牌无效、已吊销", "The token is missing, unknown or revoked")),
    "bad_pin": (403, Said("人员编号或 PIN 不正确", "Staff code or PIN is wrong")),
    "pin_locked": (
        429,
        Said(
            "PIN 输错次数过多，请稍后再试或请管理员重设",
            "Too many wrong PINs; wait, or ask the manager for a new one",
        ),
    ),
    "bad_signature": (401, Said("签名无效", "The signature doesn't hold")),
    "signature_incomplete": (
        401,
        Said(
            "签名未覆盖必要内容(@method、@target-uri、content-digest、created、nonce)",
            "The signature leaves out what it must cover: @method, @target-uri, content-digest, created, nonce",
        ),
    ),
    "bad_digest": (401, Said("Content-Digest 与请求内容不符", "Content-Digest isn't the body's")),
    "clock_skew": (
        401,
        Said(
            "设备时钟误差超过 5 分钟，请按 server_time 校准后重试",
            "The device's clock is off by more than 5 minutes; set it by server_time",
        ),
    ),
    "signature_expired": (401, Said("签名已过期", "The signature has expired")),
    "replayed": (
        401,
        Said(
            "该请求已收到过，请用新的 nonce 重新签名",
            "This request came before; sign it again with a new nonce",
        ),
    ),
    "unknown_key": (401, Said("密钥未登记", "Nobody enrolled this key")),
    "key_revoked": (401, Said("该设备已被吊销", "This device was revoked")),
    "enrolment_unknown": (
        404,
        Said(
            "注册码不存在，请核对或重新获取",
            "There is no such enrolment token; read it again or ask for a new one",
        ),
    ),
    "enrolment_used": (
        409,
        Said("注册码已被使用，请重新获取", "This enrolment token was used before; ask for a new one"),
    ),
    "enrolment_expired": (
        410,
        Said("注册码已过期，请重新获取", "This enrolment token has expired; ask for a new one"),
    ),
    "bad_public_key": (422, Said("公钥不是 Ed25519 公钥", "The public key is no Ed25519 key")),
    "bad_proof": (422, Said("签名与公钥不符", "The proof wasn't made with this key")),
    "key_taken": (409, Said("该公钥已属于另一设备", "This key belongs to another device")),
    "name_taken": (
        409,
        Said("已有同名设备，请换一个名称", "There is a device with this name; choose another"),
    ),
    "label_unbound": (409, Said("该标签未绑定气瓶", "This label stands on no cylinder")),
    "chip_elsewhere": (
        409,
        Said(
            "该芯片与该标签不是一对，请先绑定",
            "This chip and this label don't belong together; bind them first",
        ),
    ),
    "numbers_used_up": (
        409,
        Said("该芯片签发次数已用完，请更换", "This chip was signed too often; take another"),
    ),
    "no_room": (422, Said("该型号芯片放不下这么多槽位", "This kind of chip hasn't room for so many slots")),
    "bad_image": (422, Said("image 不是 base64", "`image` is no base64")),
    "not_allowed": (
        403,
        Said("该设备的岗位不能使用此接口", "A device with this role may not make this call"),
    ),
    "not_found": (404, Said("找不到", "There is no such thing")),
    "too_large": (
        413,
        Said(
            "请求超过 1 MiB,没有保存任何内容；请分批上传",
            "The body is over 1 MiB and nothing was kept; send less at a time",
        ),
    ),
    "unsupported_media_type": (
        415,
        Said(
            "请使用 Content-Type: application/json,不要压缩",
            "Send Content-Type: application/json, not compressed",
        ),
    ),
    "invalid": (422, Said("字段不合要求", "A field can't be used")),
    "no_events": (422, Said("events 应为至少一条记录的数组", "`events` is an array of at least one event")),
    "too_many_events": (
        422,
        Said("一次最多上传 500 条，没有保存任何内容", "At most 500 events a call; nothing was kept"),
    ),
    "too_many": (
        429,
        Said(
            "请求过于频繁，没有保存任何内容；请按 Retry-After 稍后重发",
            "Too many calls; nothing was kept, send again after Retry-After",
        ),
    ),
    "unavailable": (
        503,
        Said(
            "服务暂时不可用，没有确认保存；请按 Retry-After 稍后重发",
            "Not available; nothing was confirmed, send again after Retry-After",
        ),
    ),
}

# What can be wrong with one value anywhere in a body; the event that holds it is malformed.
FLAWS: dict[str, Said] = {
    "duplicate_key": Said("同一对象中字段重复", "A name stands twice in one object"),
    "not_finite": Said("数字不能是 NaN 或 Infinity", "A number is NaN or Infinity"),
    "number_too_big": Said("数字过大", "A number is too big"),
    "nul_character": Said("文本含 NUL 字符", "A text holds a NUL character"),
    "bad_unicode": Said("文本含不完整的 Unicode 字符", "A text holds half a Unicode character"),
    "too_deep": Said("嵌套过深", "It is nested too deeply"),
}

# What can be wrong with one event beside these; `bad_…` names the field, its sentence says what the field should be.
EVENTS: dict[str, Said] = {
    "not_an_object": Said("记录应为 JSON 对象", "An event is a JSON object"),
    "missing_field": Said("缺少字段", "A field is missing"),
    "unknown_field": Said(
        "未知字段(自定义内容请放在 data 中)", "An unknown field; what is your own belongs into `data`"
    ),
    "label_missing": Said("缺少 label 或 uid", "Neither `label` nor `uid` is there"),
    "data_too_large": Said("data 超过 8 KiB", "`data` is over 8 KiB"),
    "bad_event_signature": Said(
        "记录的签名与本设备密钥不符", "The event's signature wasn't made by this device's key"
    ),
    "event_unsigned": Said("已吊销设备的记录必须带签名", "An event of a revoked device must be signed"),
    "id_reused": Said("该 id 已用于另一条内容不同的记录", "This id was used for another event"),
}

NOTES: dict[str, Said] = {
    "position_left_out": Said(
        "位置为 GCJ-02 坐标，未采用；记录已接收。请发送 CGCS2000 或 WGS84 坐标",
        "The position is in GCJ-02 and isn't used; the event is accepted. Send CGCS2000 or WGS84",
    ),
    "operator_unknown": Said(
        "本单位没有此人员编号；记录已接收，请核对 operator",
        "This enterprise has nobody with that staff code; the event is accepted, look at `operator`",
    ),
}


def language(request: Request) -> str:
    """`lang` from the address, else what Accept-Language prefers, else Chinese."""
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        return wanted
    return request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"], default="zh")[:2]
