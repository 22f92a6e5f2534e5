"""However a reader, a hand or a browser brings the code: the same answer, or a page that says what to do."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.cast import A

CODE = A.code("good")
GROUPS = (CODE[:6], CODE[6:9], CODE[9:11], CODE[11:])
WIDE = "".join(chr(ord(digit) + 0xFEE0) for digit in CODE)
WRITTEN = {
    "plain": CODE,
    "plus": "+".join(GROUPS),
    "escaped plus": "%2B".join(GROUPS),
    "blanks": "%20".join(GROUPS),
    "semicolon at the end": CODE + ";",
    "escaped semicolon": CODE + "%3B",
    "wide semicolon": CODE + "；",
    "semicolon inside": ";".join(GROUPS),
    "full-width digits": WIDE,
    "full-width with blanks": "\u3000".join(GROUPS),
    "all of it": "+" + "+".join(GROUPS) + "%20；;",
    "newline": CODE + "%0D%0A",
    "the printed address": f"http%3A%2F%2Fteshe.org.cn%2FL%3Fid%3D{CODE}",
}


@pytest.mark.parametrize("written", WRITTEN)
def test_every_printed_form_finds_the_cylinder(citizen: FlaskClient, written: str) -> None:
    response = citizen.get(f"/L?id={WRITTEN[written]}", headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["code"]) == (200, CODE)


MALFORMED = {
    "missing": "", "empty": "?id=", "only blanks": "?id=+++", "twice": f"?id={CODE}&id={CODE}", "too short": f"?id={CODE[:-1]}",
    "too long": f"?id={CODE}1", "eleven digits": f"?id={CODE[6:]}", "letters": "?id=3705029010111000x", "huge": "?id=" + "1" * 9000,
    "a foreign address": "?id=http://example.org/?x=1", "nul": "?id=%00", "not utf-8": "?id=%ff%fe", "other digits": "?id=" + "٣" * 17,
    "an injected end": f"?id={CODE}'--",
}  # fmt: skip


@pytest.mark.parametrize("asked", MALFORMED)
@pytest.mark.parametrize("path", ["/Q", "/L"])
def test_what_is_no_code_gets_a_page_that_helps(citizen: FlaskClient, path: str, asked: str) -> None:
    response = citizen.get(path + MALFORMED[asked])
    assert response.status_code == 400
    assert "号码不完整" in response.text
    assert "共 17 位数字" in response.text
    assert f'<form action="{path}" method="get">' in response.text
    assert len(response.data) < 20_000
    said = citizen.get(path + MALFORMED[asked], headers={"Accept": "application/json"})
    assert (said.status_code, said.get_json()["status"], said.get_json()["code"]) == (400, "unknown", None)


@pytest.mark.parametrize(
    ("asked", "name", "right"), [("/Q", "good", "/L"), ("/L", "oxygen", "/Q"), ("/Q", "issued", "/L")]
)
def test_the_wrong_family_is_led_to_the_right_one(
    citizen: FlaskClient, asked: str, name: str, right: str
) -> None:
    code = A.code(name)
    response = citizen.get(f"{asked}?id={code[:6]}+{code[6:]};&lang=en")
    assert response.status_code == 302
    assert response.location == f"{right}?id={code}&lang=en"
    followed = citizen.get(
        f"{asked}?id={code}", follow_redirects=True, headers={"Accept": "application/json"}
    )
    assert followed.get_json()["code"] == code


def test_http_and_https_are_answered_alike(citizen: FlaskClient) -> None:
    plain, secure = (citizen.get(f"{scheme}://localhost/L?id={CODE}") for scheme in ("http", "https"))
    assert plain.status_code == secure.status_code == 200
    assert "Location" not in plain.headers


@pytest.mark.parametrize("path", ["/Q", f"/L?id={CODE}", f"/L?id={CODE[:11]}999999"])
def test_head_is_answered_like_get_without_the_page(citizen: FlaskClient, path: str) -> None:
    got, head = citizen.get(path), citizen.head(path)
    assert head.status_code == got.status_code
    assert head.data == b""
    assert head.content_type == got.content_type


@pytest.mark.parametrize("verb", ["post", "put", "delete", "patch"])
def test_there_is_nothing_to_change_here(citizen: FlaskClient, verb: str) -> None:
    assert getattr(citizen, verb)(f"/Q?id={CODE}").status_code == 405


@pytest.mark.parametrize(
    "accept",
    ["*/*", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", None],
)
def test_a_browser_gets_the_page(citizen: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    assert citizen.get(f"/L?id={CODE}", headers=headers).mimetype == "text/html"
