"""Every reason to refuse a fill: its public code, the violation it is, how grave, the clause, and the sentences for people.

The value of a Refusal is a public code: it may be retired, it is never renamed. Clauses and severities are those of
`tenants/reference/violations.csv`, which says how far each may be trusted. The order here is the order in which reasons are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenants.rules.states import Severity


class Refusal(StrEnum):
    """Why a cylinder may not be filled."""

    MALFORMED_CODE = "malformed_code"
    NO_LABEL = "no_label"
    UNKNOWN_CODE = "unknown_code"
    NOT_OWN_CYLINDER = "not_own_cylinder"
    LABEL_VOID = "label_void"
    LABEL_LOST = "label_lost"
    LABEL_ON_TWO_CYLINDERS = "label_on_two_cylinders"
    TAG_MISMATCH = "tag_mismatch"
    CONDEMNED = "condemned"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    NON_REFILLABLE = "non_refillable"
    BEYOND_SERVICE_LIFE = "beyond_service_life"
    INSPECTION_OVERDUE = "inspection_overdue"
    VALVE_TOO_OLD = "valve_too_old"
    UNREGISTERED = "unregistered"
    ENTERPRISE_SUSPENDED = "enterprise_suspended"
    LICENCE_MISSING = "licence_missing"
    LICENCE_SUSPENDED = "licence_suspended"
    LICENCE_EXPIRED = "licence_expired"
    MEDIUM_NOT_LICENSED = "medium_not_licensed"
    WRONG_MEDIUM = "wrong_medium"
    PRE_FILL_CHECK_MISSING = "pre_fill_check_missing"
    PRE_FILL_CHECK_FAILED = "pre_fill_check_failed"
    OPERATOR_UNCERTIFIED = "operator_uncertified"
    OPERATOR_CERTIFICATE_EXPIRED = "operator_certificate_expired"
    OVERFILL = "overfill"
    OVERPRESSURE = "overpressure"
    ASSAY_MISSING = "assay_missing"
    STOPPED_BY_INSPECTOR = "stopped_by_inspector"


@dataclass(frozen=True, slots=True)
class Reason:
    """What is said of a refusal; `violation` is its kind in the reference table, `clause` (Chinese) the rule that it breaks."""

    violation: str
    severity: Severity
    clause: str
    clause_en: str
    sentence_zh: str
    sentence_en: str
    to_do_zh: str
    to_do_en: str


C, M = Severity.CRITICAL, Severity.MAJOR
_ART_49 = ("《特种设备安全法》第49条", "Special Equipment Safety Law, art. 49")
_MARK = (
    "TSG 23-2021 第1号修改单(2024);TSG 07-2019 D2.7.1.6",
    "TSG 23-2021 amendment 1 (2024); TSG 07-2019 D2.7.1.6",
)
_UNIQUE = ("DB4114/T 185-2023 4.7", "DB4114/T 185-2023, 4.7")
_TSG_07 = ("TSG 07-2019 特种设备生产和充装单位许可规则", "TSG 07-2019, licensing of makers and fillers")
_RETIRE = ("隔离存放，不得充装", "Set it aside; never fill it")
_STOP = ("停止充装", "Stop filling")
_OTHERS = ("换有证人员操作", "Let a certified person fill")

REASONS: dict[Refusal, Reason] = {
    Refusal.MALFORMED_CODE: Reason("V06", M, *_MARK,
        "扫到的不是气瓶编码", "What was scanned is not a cylinder code", "重新扫描标签", "Scan the label again"),
    Refusal.NO_LABEL: Reason("V06", M, *_MARK,
        "气瓶没有有效标签", "The cylinder has no label in force", "先绑定标签", "Bind a label first"),
    Refusal.UNKNOWN_CODE: Reason("V09", C, *_UNIQUE,
        "编码查无此瓶，疑为伪造", "Unknown code, possibly forged", "停止充装，报管理员核查", "Stop, and have it checked"),
    Refusal.NOT_OWN_CYLINDER: Reason("V04", C, *_ART_49,
        "不是本单位的气瓶", "Not a cylinder of this enterprise", "不得充装，联系所属单位", "Do not fill; call its owner"),
    Refusal.LABEL_VOID: Reason("V06", M, *_MARK,
        "标签已作废", "The label is void", "换发新标签并绑定", "Bind a new label"),
    Refusal.LABEL_LOST: Reason("V07", C, *_ART_49,
        "标签已挂失", "The label was reported lost", "核对钢印后换发新标签", "Check the stamp, then bind a new label"),
    Refusal.LABEL_ON_TWO_CYLINDERS: Reason("V08", C, *_UNIQUE,
        "同一标签出现在两只气瓶上", "The same label stands on two cylinders",
        "核对钢印，报管理员处理", "Compare the stamps; have it settled"),
    Refusal.TAG_MISMATCH: Reason("V07", C, *_ART_49,
        "电子标签与印刷编码不是同一气瓶", "The chip and the printed code belong to different cylinders",
        "核对钢印，疑为换标", "Compare the stamp; the label may have been changed"),
    Refusal.CONDEMNED: Reason("V02", C, "《特种设备安全法》第48、49条", "Special Equipment Safety Law, art. 48 and 49",
        "气瓶已报废", "The cylinder is scrapped", *_RETIRE),
    Refusal.CANCELLED: Reason("V25", C, *_ART_49,
        "气瓶已注销登记", "The registration is cancelled", *_RETIRE),
    Refusal.SUSPENDED: Reason("V24", M, "TSG 08-2017 特种设备使用管理规则", "TSG 08-2017, use of special equipment",
        "气瓶已停用", "The cylinder is suspended", "由管理员恢复使用后再充装", "Have it returned to use first"),
    Refusal.NON_REFILLABLE: Reason("V31", C, *_ART_49,
        "非重复充装气瓶，不得再充", "A non-refillable cylinder is never filled again", *_RETIRE),
    Refusal.BEYOND_SERVICE_LIFE: Reason("V03", C, "《特种设备安全法》第48、49条;TSG 23-2021",
        "Special Equipment Safety Law, art. 48 and 49; TSG 23-2021",
        "超过设计使用年限", "Beyond its design service life", *_RETIRE),
    Refusal.INSPECTION_OVERDUE: Reason("V01", C, "《特种设备安全法》第40、49条;TSG 23-2021 第8、9章",
        "Special Equipment Safety Law, art. 40 and 49; TSG 23-2021 ch. 8 and 9",
        "检验已过期", "Past its inspection date", "送检后再充装", "Send it to inspection first"),
    Refusal.VALVE_TOO_OLD: Reason("V32", M, "TSG 23-2021 9.2(4)", "TSG 23-2021, 9.2(4)",
        "瓶阀超过使用年限", "The valve is beyond its service life", "更换瓶阀后再充装", "Replace the valve first"),
    Refusal.UNREGISTERED: Reason("V05", C, "《特种设备安全法》第33、49条", "Special Equipment Safety Law, art. 33 and 49",
        "未办理使用登记", "Not registered for use", "办理使用登记后再充装", "Register it first"),
    Refusal.ENTERPRISE_SUSPENDED: Reason("V16", C, *_TSG_07,
        "本单位已被暂停充装", "This enterprise is suspended", *_STOP),
    Refusal.LICENCE_MISSING: Reason("V15", C, *_ART_49,
        "本单位没有充装许可证", "This enterprise has no filling licence", *_STOP),
    Refusal.LICENCE_SUSPENDED: Reason("V16", C, *_TSG_07,
        "充装许可证已被暂停或吊销", "The filling licence is suspended or revoked", *_STOP),
    Refusal.LICENCE_EXPIRED: Reason("V16", C, *_TSG_07,
        "充装许可证已过期", "The filling licence has expired", "停止充装，办理换证", "Stop filling; renew the licence"),
    Refusal.MEDIUM_NOT_LICENSED: Reason("V17", C, *_TSG_07,
        "介质不在许可范围内", "The medium is outside the licence", "不得充装该介质", "Do not fill this medium"),
    Refusal.WRONG_MEDIUM: Reason("V10", C, "GB/T 14194;GB/T 14193", "GB/T 14194; GB/T 14193",
        "充装介质与气瓶不符", "The medium is not the cylinder's", "核对气瓶颜色与钢印", "Check colour and stamp"),
    Refusal.PRE_FILL_CHECK_MISSING: Reason("V20", C, *_ART_49,
        "未做充装前检查", "No check before the fill", "先做充装前检查", "Check it first"),
    Refusal.PRE_FILL_CHECK_FAILED: Reason("V27", M, "GB/T 14194 充装前检查", "GB/T 14194, check before the fill",
        "充装前检查不合格", "The check before the fill failed", "处理缺陷后重新检查", "Mend the defect, then check again"),
    Refusal.OPERATOR_UNCERTIFIED: Reason("V18", M, "《特种设备安全法》第14条", "Special Equipment Safety Law, art. 14",
        "充装人员没有充装作业证", "The operator holds no filling certificate", *_OTHERS),
    Refusal.OPERATOR_CERTIFICATE_EXPIRED: Reason("V19", M, "《特种设备作业人员监督管理办法》",
        "Measures for the supervision of special equipment operators",
        "充装人员作业证已过期", "The operator's certificate has expired", *_OTHERS),
    Refusal.OVERFILL: Reason("V12", C, "GB/T 14193.1-2025 第6章;GB 5842", "GB/T 14193.1-2025 ch. 6; GB 5842",
        "超过最大充装量", "More than the largest permitted fill", "立即抽液并复称", "Draw off and weigh again"),
    Refusal.OVERPRESSURE: Reason("V13", C, "GB/T 14194;GB 13591", "GB/T 14194; GB 13591",
        "超过最高充装压力", "Above the highest filling pressure", "立即泄压并复核", "Relieve the pressure and check"),
    Refusal.ASSAY_MISSING: Reason("V38", M, "GB 13591;GB 6819", "GB 13591; GB 6819",
        "没有有效的化验合格记录", "No passing assay in force", "化验合格后再充装", "Have it assayed first"),
    Refusal.STOPPED_BY_INSPECTOR: Reason("V24", M, "TSG 08-2017 特种设备使用管理规则", "TSG 08-2017, use of special equipment",
        "监察员已责令停止充装", "An inspector has forbidden filling",
        "不得充装，整改后由监察员解除", "Do not fill; an inspector must lift it"),
}  # fmt: skip

# Kinds of violation at stage PRE or FILL that no data of ours can decide; a person's check decides them and says so.
UNDECIDABLE_FROM_DATA: dict[str, str] = {
    "V11": "a colour is seen, not computed: item P06 of the check before the fill",
    "V26": "a conversion is seen on the cylinder: item P08 of the check",
    "V28": "residual pressure is felt at the valve: item P12 of the check",
    "V29": "purging is done and ticked: item P13 of the check",
    "V30": "grease is seen: item P11 of the check",
    "V34": "there is no scan to judge; it comes by report or camera",
    "V35": "adulteration is found by an assay or a complaint",
    "V37": "the scale's own log isn't sent yet",
    "V42": "seen at the vehicle: item P17 of the check",
}
