"""What a citizen is told: one word first, what to do next, then facts; and never anything about customers or the inside."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from public_lookup.answers import SHARED_FOR
from tenants.cards.file import FRESH
from tests.cast import BOTH, A, B

WORDS = {
    "good": ("ok", "✓", "合格"),
    "oxygen": ("ok", "✓", "合格"),
    "never_filled": ("ok", "✓", "合格"),
    "relabelled": ("ok", "✓", "合格"),
    "due_soon": ("due_soon", "!", "即将到期"),
    "overdue": ("do_not_use", "✕", "请勿使用"),
    "scrapped": ("do_not_use", "✕", "请勿使用"),
    "cancelled": ("do_not_use", "✕", "请勿使用"),
    "suspended": ("do_not_use", "✕", "请勿使用"),
    "too_old": ("do_not_use", "✕", "请勿使用"),
    "valve_too_old": ("do_not_use", "✕", "请勿使用"),
    "unregistered": ("do_not_use", "✕", "请勿使用"),
    "disputed": ("do_not_use", "✕", "请勿使用"),
    "lost": ("do_not_use", "✕", "请勿使用"),
    "void": ("do_not_use", "✕", "请勿使用"),
    "issued": ("unknown", "?", "查无此瓶"),
    "issued_void": ("unknown", "?", "查无此瓶"),
}
REASON = {
    "overdue": "inspection_overdue", "scrapped": "condemned", "cancelled": "cancelled", "suspended": "suspended",
    "too_old": "beyond_service_life", "valve_too_old": "valve_too_old", "unregistered": "unregistered",
    "disputed": "label_on_two_cylinders", "lost": "label_lost", "void": "label_void", "issued": "no_label",
}  # fmt: skip
FIELDS = {
    "code", "status", "headline", "reasons", "enterprise", "medium", "kind", "serial_no", "manufacturer", "made_on",
    "last_inspection_on", "next_inspection_on", "end_of_life_on", "last_fill", "checked_at", "precision", "batch", "label",
}  # fmt: skip
UNKNOWN = A.district + A.enterprise + "01999999"
JSON = {"Accept": "application/json"}


class Text(HTMLParser):
    """What is written on a page, in the order in which it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        if data.strip() and self.get_starttag_text() != "<style>":
            self.words.append(data.strip())


def family(name: str) -> str:
    return "Q" if name == "oxygen" else "L"


@pytest.mark.parametrize("e", BOTH, ids=lambda e: e.mark)
@pytest.mark.parametrize("name", WORDS)
def test_the_word_comes_first(citizen: FlaskClient, e: object, name: str) -> None:
    status, sign, word = WORDS[name]
    response = citizen.get(f"/{family(name)}?id={e.code(name)}")  # type: ignore[attr-defined]
    assert response.status_code == (404 if status == "unknown" else 200)
    words = Text(response.text).words
    assert words[1:4] == ["气瓶安全查询", "大字", "English"]
    assert words[4:6] == [sign, word]
    assert words.index("怎么办") < 12


@pytest.mark.parametrize("name", WORDS)
def test_json_has_the_published_shape(citizen: FlaskClient, name: str) -> None:
    response = citizen.get(f"/{family(name)}?id={A.code(name)}", headers=JSON)
    assert response.mimetype == "application/json"
    said = response.get_json()
    assert set(said) == FIELDS
    assert (said["status"], said["headline"]) == WORDS[name][::2]
    assert [reason["code"] for reason in said["reasons"]] == (
        [REASON[name]] if name in REASON else said_codes(said)
    )
    assert all(reason["message"] for reason in said["reasons"])
    assert said["code"] == A.code(name)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", said["checked_at"])


def said_codes(said: dict[str, object]) -> list[str]:
    return ["no_label"] if said["status"] == "unknown" else []


def test_json_tells_all_the_facts_of_a_good_cylinder(citizen: FlaskClient) -> None:
    said = citizen.get(f"/L?id={A.code('good')}", headers=JSON).get_json()
    assert said["enterprise"] == {"name": "ZA气体有限公司", "licence_no": "ZA-TS-1", "phone": "0546-4101888"}
    assert said["medium"] == {"code": "LPG", "name": "液化石油气"}
    assert (said["kind"], said["serial_no"], said["manufacturer"]) == (
        "LPG_WELDED",
        f"ZA-S{A.first_serial}",
        "ZA压力容器厂",
    )
    assert (said["made_on"], said["precision"]["made_on"], said["last_inspection_on"]) == (
        "2023-05-01",
        "month",
        "2025-03-01",
    )
    assert said["last_fill"]["net_kg"] == float(A.kilos)
    assert said["last_fill"]["enterprise"] == "ZA气体有限公司"


def test_an_unknown_code_is_404_in_the_same_shape(citizen: FlaskClient) -> None:
    response = citizen.get(f"/Q?id={UNKNOWN}", headers=JSON)
    said = response.get_json()
    assert response.status_code == 404
    assert set(said) == FIELDS
    assert (said["status"], said["headline"], said["reasons"][0]["code"]) == (
        "unknown",
        "查无此瓶",
        "unknown_code",
    )
    assert said["enterprise"] is said["medium"] is said["last_fill"] is None


def test_unknown_codes_look_the_same_wherever_they_are(citizen: FlaskClient) -> None:
    """Nobody can tell from the answer which districts or enterprises exist."""
    there, elsewhere = (
        re.sub(r"\d", "0", citizen.get(f"/Q?id={code}").text) for code in (UNKNOWN, "99999999901999999")
    )
    assert there == elsewhere


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", WORDS)
def test_the_page_is_small_and_complete_in_both_languages(
    citizen: FlaskClient, name: str, language: str
) -> None:
    response = citizen.get(f"/{family(name)}?id={A.code(name)}&lang={language}")
    assert len(response.data) < 20_000
    assert response.headers["Content-Language"] == language
    page = response.text.replace("中文", "").replace("English", "")
    assert page.count("<script") == 1, "the one that reads aloud"
    assert "style=" not in page
    if language == "en":
        own = re.sub(r"ZA\w+", "", page)
        own = re.sub(r"/\*.*?\*/|<style>.*?</style>", "", own, flags=re.DOTALL)
        assert not re.findall(r"[\u4e00-\u9fff]+", own)


def test_the_language_is_taken_from_the_browser_and_changed_by_a_link(citizen: FlaskClient) -> None:
    address = f"/L?id={A.code('good')}"
    assert "合格" in citizen.get(address).text
    assert "合格" in citizen.get(address, headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}).text
    english = citizen.get(address, headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert ">English<" not in english
    link = re.search(r'href="([^"]+lang=zh[^"]*)"', english)
    assert link
    assert "合格" in citizen.get(link[1].replace("&amp;", "&"), headers={"Accept-Language": "en"}).text
    assert "Set-Cookie" not in citizen.get(address + "&lang=en").headers


def test_a_month_is_shown_as_a_month(citizen: FlaskClient) -> None:
    words = Text(citizen.get(f"/L?id={A.code('due_soon')}").text).words
    assert words[words.index("制造日期") + 1] == "2023-05"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", words[words.index("检验有效期至") + 1])


def test_the_code_is_in_groups_without_gaps_to_copy(citizen: FlaskClient) -> None:
    code = A.code("good")
    page = citizen.get(f"/L?id={code}").text
    assert "".join(f"<span>{part}</span>" for part in (code[:6], code[6:9], code[9:11], code[11:])) in page


def test_what_is_not_recorded_is_said_to_be_so(citizen: FlaskClient) -> None:
    words = Text(citizen.get(f"/L?id={A.code('never_filled')}").text).words
    assert words[words.index("最近充装") + 1] == words[words.index("上次检验") + 1] == "无记录"


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_nothing_of_the_inside_and_nothing_of_others(
    citizen: FlaskClient, name: str, headers: dict[str, str]
) -> None:
    body = citizen.get(f"/{family(name)}?id={A.code(name)}", headers=headers).text
    assert not re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}", body), "no ids"
    for inside in (
        "tenant",
        "ZAfiller",
        "ZA note",
        "ZA yard",
        "ZA gun",
        "ZA hall",
        "ZA张",
        "138",
        str(A.tenant_id) + ",",
        "41.1131",
    ):
        assert inside not in body
    for mark in B.marks:
        assert mark not in body


def test_a_program_keeps_an_answer_for_less_than_a_minute_and_asks_by_its_tag(citizen: FlaskClient) -> None:
    address = f"/L?id={A.code('good')}"
    first = citizen.get(address, headers=JSON)
    assert first.headers["Cache-Control"] == "public, max-age=0, s-maxage=30, must-revalidate"
    assert SHARED_FOR + FRESH < 60, "a revoked cylinder is told as fine for less than a minute"
    tag = first.headers["ETag"]
    for known in (tag, f'"other", {tag}'):
        again = citizen.get(address, headers={**JSON, "If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert citizen.get(address, headers={**JSON, "If-None-Match": 'W/"other"'}).status_code == 200
    tags = {
        citizen.get(one, headers=JSON).headers["ETag"]
        for one in (address, f"{address}&lang=en", f"/L?id={A.code('overdue')}", f"/Q?id={UNKNOWN}")
    }
    assert len(tags) == 4, "another cylinder, language or word has another tag"
    for trouble in ("/L?id=1", f"/Q?id={A.code('good')}"):
        assert "ETag" not in citizen.get(trouble, headers=JSON).headers
        assert citizen.get(trouble, headers=JSON).headers["Cache-Control"] == "private, no-store"


def test_no_page_is_kept_by_caches(citizen: FlaskClient) -> None:
    for address in (f"/L?id={A.code('good')}", "/Q", f"/Q?id={UNKNOWN}", f"/Q?id={A.code('good')}"):
        headers = citizen.get(address).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert "Accept" in headers["Vary"]
        assert headers["X-Robots-Tag"] == "noindex"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"]


def test_what_people_wrote_is_text_and_never_markup(citizen: FlaskClient) -> None:
    page = citizen.get("/Q?id=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert json.loads(citizen.get("/Q?id=%22%7D", headers=JSON).text)["status"] == "unknown"
