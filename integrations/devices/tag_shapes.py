"""What comes in and goes out of the calls about tags, and the calls in words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from integrations.devices.describe import Description
from integrations.devices.outgoing import Said as CodeSaid
from integrations.devices.schemas import Label, Shape, told
from integrations.devices.words import Said

Uid = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){4,16}$"), AfterValidator(str.upper)]
Profile = Literal["ntag213", "ntag215", "ntag216", "ntag424", "slix2"]
_BODY = ("malformed_json", "too_large", "unsupported_media_type", "invalid")


class SignRequest(Shape):
    """The body of POST /tags/sign."""

    uid: Uid = told("The chip's own number, 8 to 32 hex digits", "芯片自身编号,8 至 32 位十六进制")
    label: Label = told("What the reader delivered, as it is", "读到的标签内容原样")
    profile: Profile = told(
        "Kind of chip: ntag213, ntag215, ntag216, ntag424, slix2",
        "芯片型号:ntag213、ntag215、ntag216、ntag424、slix2",
    )
    slots: int | None = told(
        "Fewer slots for fills and findings than fit; without it, as many as fit",
        "充装与监察记录的槽位数，缺省为能放下的最多数",
        None,
        ge=0,
        le=32,
    )
    renew: bool = told("Sign anew although nothing has changed", "内容未变也重新签发", False)


class VerifyRequest(Shape):
    """The body of POST /tags/verify."""

    uid: Uid = told("The chip's own number, as the reader gave it", "读到的芯片自身编号")
    image: Annotated[str, Field(max_length=2732)] = told(
        "The NDEF message that was read, base64; empty when there was none",
        "读到的 NDEF 消息,base64;没有内容时为空",
    )
    counter: int | None = told("The chip's one-way counter", "芯片的单向计数", None, ge=0, le=0xFFFFFF)


class TagAnswer(BaseModel):
    """An image to write onto a chip."""

    uid: str = told("The chip's number", "芯片编号")
    label: str = told("The label's 17 digits", "标签 17 位编码")
    profile: str = told("Kind of chip", "芯片型号")
    image: str = told(
        "The NDEF message, base64; docs/tag-layout-qp1.md", "NDEF 消息,base64;见 docs/tag-layout-qp1.md"
    )
    seq: int = told("Number of this issue", "签发序号")
    kid: int = told("The key that signed", "签名密钥编号")
    signed_at: str = told("When, UTC", "签发时间(UTC)")
    anew: bool = told("Whether it was signed by this call", "是否由本次调用签发")


class FlawSaid(CodeSaid):
    """One thing that is wrong with a tag."""

    part: str = told("message, url, base, fill, findings, private, counter", "有问题的部分")
    at: int | None = told("Number of the finding or slot, where there are several", "记录或槽位的编号")


class BaseTold(BaseModel):
    """What the issuer signed."""

    kid: int = told("The key that signed", "签名密钥编号")
    code: str = told("The 17 digits", "17 位编码")
    due_on: str | None = told("Last day on which it may be filled", "可充装至")
    scrap_on: str | None = told("End of its design service life", "设计使用年限截止")
    status: int = told(
        "1 in use, 2 suspended, 3 cancelled, 4 scrapped; anything else: not in use",
        "1 在用,2 停用,3 已注销,4 已报废；其他值按不可用处理",
    )
    seq: int = told("Number of this issue", "签发序号")
    issued_at: str = told("When, UTC, whole minutes", "签发时间(UTC,精确到分)")
    max_fill_g: int | None = told("Largest fill, g", "最大充装量,g")


class FillTold(BaseModel):
    """The last fill on a tag."""

    kid: int = told("The device's key", "设备密钥编号")
    seq: int = told("Its number on this tag", "标签内序号")
    filled_at: str = told("When, UTC, whole minutes", "充装时间(UTC,精确到分)")
    net_g: int = told("Net mass, g", "净重,g")
    station: int = told("The enterprise's number of the station", "本单位站点序号")
    operator: int = told("The enterprise's number of the operator", "本单位人员序号")


class FindingTold(BaseModel):
    """A finding on a tag."""

    kid: int = told("The inspector's key", "监察密钥编号")
    seq: int = told("Its number on this tag", "标签内序号")
    found_at: str = told("When, UTC, whole minutes", "记录时间(UTC,精确到分)")
    hazard: int = told("Code of the hazard", "隐患代码")
    disposition: int = told(
        "1 noted, 2 to rectify, 3 stop filling, 4 lifted; anything else counts as 3",
        "1 记录,2 责令整改,3 停止充装,4 解除；其他值按 3 处理",
    )
    fault: str | None = told("What is wrong with its key, if anything", "签名密钥的问题，没有则为空")


class VerifyAnswer(BaseModel):
    """What a tag says, and whether it holds."""

    verdict: Literal["holds", "unsure", "repair", "refused"] = told(
        "holds; unsure: a part can't be checked; repair: believe the rest, write it again; refused: don't believe it",
        "holds 可信;unsure 部分无法核对;repair 其余可信、需重写;refused 不可信",
    )
    flaws: list[FlawSaid] = told("Everything that is wrong", "全部问题")
    url: str | None = told("The public address on the tag", "标签中的公开网址")
    base: BaseTold | None = told(
        "The signed base, null when it isn't believed", "签名的基本信息，不可信时为空"
    )
    fill: FillTold | None = told("The last fill that holds", "最近一次有效充装")
    findings: list[FindingTold] = told("Findings, oldest first", "监察记录，由旧到新")
    known: bool = told("Whether this enterprise signed this chip", "本单位是否签发过此芯片")
    to_write: bool = told(
        "Whether the server has another image that belongs onto this chip (GET /tags/{uid}/image)",
        "服务器是否有应写入此芯片的另一内容",
    )


SIGN = Description(
    summary=Said("签发电子标签", "Sign a tag"),
    detail=Said(
        "为已绑定气瓶的标签和芯片生成签名内容并留存。内容未变时返回已有的最新内容(含其后的充装与监察记录)。写入前请先在设备上保存写入意图。",
        "The signed content for a chip on a bound label; it is kept. While nothing has changed, the newest content comes again, with the"
        " fills and findings that were added since. Keep the intent on the device before writing.",
    ),
    status=200,
    answer=TagAnswer,
    body=SignRequest,
    problems=(*_BODY, "not_found", "label_unbound", "chip_elsewhere", "numbers_used_up", "no_room"),
    example={"uid": "04A1B2C3D4E580", "label": "37050200101000001", "profile": "ntag216"},
)
VERIFY = Description(
    summary=Said("核验电子标签", "Check a tag"),
    detail=Said(
        "说明标签内容及各部分是否可信；任何内容都以 200 应答。可信且更新的内容会被留存，回退的旧内容会被识别。",
        "What a tag says and whether each part holds; 200 whatever was read. A newer content that holds is kept, an older one found out.",
    ),
    status=200,
    answer=VerifyAnswer,
    body=VerifyRequest,
    problems=(*_BODY, "bad_image"),
    example={"uid": "04A1B2C3D4E580", "image": "kQEk"},
)
IMAGE = Description(
    summary=Said("取回标签内容", "The newest content of a tag"),
    detail=Said(
        "用于修复写坏的标签。其他单位的芯片与不存在的芯片应答相同。",
        "For restoring a torn tag. Another enterprise's chip and none at all look the same.",
    ),
    status=200,
    answer=TagAnswer,
    problems=("not_found",),
)
