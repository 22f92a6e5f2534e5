"""What is written for programs is what they get."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from public_lookup.openapi import Answer
from tests.cast import CYLINDERS, LOOSE, A

JSON = {"Accept": "application/json"}


def test_the_document_is_valid_and_names_every_status(citizen: FlaskClient) -> None:
    document = citizen.get("/lookup/openapi.json").get_json()
    OpenAPIV31SpecValidator(document).validate()
    for path in ("/Q", "/L"):
        assert set(document["paths"][path]["get"]["responses"]) == {
            "200",
            "302",
            "304",
            "400",
            "404",
            "429",
            "503",
        }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_answer_has_the_shape(citizen: FlaskClient, language: str) -> None:
    asked = [
        f"/{family}?id={A.code(name)}&lang={language}" for name in (*CYLINDERS, *LOOSE) for family in "QL"
    ]
    asked += [f"/L?id={A.code('good')[:11]}999999", "/L", "/L?id=1"]
    statuses = set()
    for number, address in enumerate(asked):
        answer = citizen.get(address, headers=JSON, environ_base={"REMOTE_ADDR": f"10.0.{number}.1"})
        statuses.add(answer.status_code)
        if answer.status_code != 302:
            Answer.model_validate_json(answer.data)
    assert statuses == {200, 302, 400, 404}


def test_so_has_the_answer_to_too_many(citizen: FlaskClient) -> None:
    for _ in range(61):
        answer = citizen.get("/L?id=1", headers=JSON)
    assert answer.status_code == 429
    Answer.model_validate_json(answer.data)
