"""Masked samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.server.gateway.templates.acting import (
    ADMIN,
    APPROVER,
    DEV,
    EVERYBODY,
    QUERY,
    SECOND,
    SUBSET,
    Acting,
    problems,
    shop,
)

from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.templates import samples

MANY = """
CREATE TABLE big (id INTEGER PRIMARY KEY, email VARCHAR(80), note TEXT, customer_id INTEGER REFERENCES customers (id));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO big SELECT i, 'person' || i || '@firm.test', 'hello', 1 FROM n;
"""


def test_a_sample_shows_masked_rows_only(shopping: Acting) -> None:
    shopping.create("a", form=SUBSET)
    answer = shopping.ask(APPROVER, "POST", "templates/a/sample", json={})
    assert answer.status_code == 200, answer.text
    assert "anna" not in answer.text
    assert "firm.test" not in answer.text
    customers, orders = answer.json()["tables"]
    assert (customers["table"], customers["columns"]) == ("customers", ["id", "email", "status"])
    assert [row[0] for row in customers["rows"]] == [1, 2]
    assert all("@" in row[1] for row in customers["rows"])
    assert [row[2] for row in customers["rows"]] == ["new", "old"]
    assert (len(orders["rows"]), orders["more"]) == (3, False)


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.name)
def test_only_approvers_and_administrators_see_samples(shopping: Acting, actor: Actor) -> None:
    shopping.create("a")
    answer = shopping.ask(actor, "POST", "templates/a/sample", json={})
    allowed = actor in (APPROVER, SECOND, ADMIN)
    assert (answer.status_code == 200) is allowed, answer.text
    assert (("template.sampled", actor.name, "a") in shopping.audited()) is allowed


def test_a_sample_is_short_and_says_that_there_is_more(shopping: Acting) -> None:
    with shop(shopping.folder, MANY):
        pass
    shopping.create("q", form=QUERY.replace("customers", "big"))
    found = shopping.ask(APPROVER, "POST", "templates/q/sample", json={"parameters": {"row_limit": 400}}).json()
    assert [len(table["rows"]) for table in found["tables"]] == [samples.ROWS]
    shopping.create("s", form=SUBSET.replace('orders: {{where: "total >= ${{least}}"}}', "big: {{}}"))
    tables = shopping.ask(APPROVER, "POST", "templates/s/sample", json={}).json()["tables"]
    assert {table["table"]: (len(table["rows"]), table["more"]) for table in tables}["big"][0] == samples.ROWS


def test_a_sample_that_holds_originals_is_not_shown(shopping: Acting) -> None:
    """The scan that every package passes is passed by samples."""
    with shop(shopping.folder, "UPDATE customers SET status = 'x anna.kern@firm.test' WHERE id = 2"):
        pass
    shopping.create("a", form=QUERY.replace("id, email", "id, email, status"))
    answer = shopping.ask(APPROVER, "POST", "templates/a/sample", json={})
    assert answer.status_code == 403
    assert "anna" not in answer.text
    assert any("original values" in message for message in problems(answer))


def test_a_sample_that_grows_too_large_is_stopped(shopping: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MOST", 100)
    with shop(shopping.folder, MANY):
        pass
    form = SUBSET.replace('orders: {{where: "total >= ${{least}}"}}', "big: {{all: true}}")
    shopping.create("a", form=form)
    answer = shopping.ask(APPROVER, "POST", "templates/a/sample", json={})
    assert (answer.status_code, problems(answer)) == (
        422,
        ["20 roots bring more than 100 rows with them: give narrower parameters"],
    )


def test_nothing_of_a_sample_stays_on_the_disk(
    shopping: Acting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    shopping.create("a", form=SUBSET)
    assert shopping.ask(APPROVER, "POST", "templates/a/sample", json={}).status_code == 200
    assert list(place.iterdir()) == []


def test_long_texts_are_cut(shopping: Acting) -> None:
    with shop(shopping.folder, "UPDATE customers SET status = replace(hex(zeroblob(500)), '0', 'y')"):
        pass
    shopping.create("a", form=QUERY.replace("id, email", "id, status"))
    rows = shopping.ask(APPROVER, "POST", "templates/a/sample", json={}).json()["tables"][0]["rows"]
    assert {row[1] for row in rows} == {"y" * 200 + "…"}
    assert shopping.ask(DEV, "POST", "templates/a/sample", json={}).status_code == 403
