"""Rows that break a CHECK or a unique are refused before one is written; what is not understood is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.test_mockcraft import run
from tests.engines import Anywhere
from tests.servers import run_script

from hotfixture.databases import open_database
from hotfixture.errors import InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import check, compare, examined, seed
from hotfixture.plans.seed.examining import LOOKED

BROKEN = """
tables:
  t:
    count: 500
    columns:
      id: {type: integer, primary_key: true}
      a: {type: integer, params: {low: 0, high: 9}}
      b: {type: integer, params: {low: 0, high: 9}, nulls: 0.5}
    constraints:
      - {name: ordered, check: "a + 1 > b"}
"""
TEAMS = """
tables:
  orgs: {count: %d, columns: {id: {type: integer, primary_key: true}}}
  members:
    count: 3 per orgs
    columns:
      id: {type: integer, primary_key: true}
      org_id: {references: orgs.id}
      no: {line_no: true}
      is_owner: {type: boolean, %s}
    constraints:
      - {unique: {columns: [org_id], where: is_owner}}
"""
OWNED = "expression: no = 1"


def test_a_check_that_a_row_breaks_is_refused_by_table_name_and_row() -> None:
    with pytest.raises(InputError) as raised:
        examined(read(BROKEN))
    said = str(raised.value)
    number = int(said.partition("row ")[2].split()[0])
    row = read(BROKEN).table("t").row(number)
    assert "t: check ordered (a + 1 > b)" in said
    assert "schema:10:" in said
    assert row["b"] is not None
    assert not row["a"] + 1 > row["b"]


def test_null_satisfies_a_check() -> None:
    assert examined(read(BROKEN.replace("nulls: 0.5", "nulls: 1"))) == []


@pytest.mark.parametrize(
    "condition", ["a < random()", "a in (select 1)", "nothere(a) > 0", "typeof(a) = 'integer'", "a / 2 > 0"]
)
def test_a_check_that_cannot_be_understood_is_a_warning(condition: str) -> None:
    (said,) = examined(read(BROKEN.replace("a + 1 > b", condition)))
    assert "not evaluated: " in said


def test_nothing_is_written_where_a_check_is_broken(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    with pytest.raises(InputError, match="ordered"):
        seed(BROKEN, url)
    with open_database(url) as database:
        assert not database.inspect().tables


def test_the_checks_of_tables_that_stand_are_tried_first(anywhere: Anywhere) -> None:
    """The message names the check and a row of the plan."""
    url = anywhere.filled(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, CONSTRAINT low CHECK (a < 5 AND a >= 0));"
    )
    bare = BROKEN.partition("    constraints:")[0]
    with pytest.raises(InputError, match=r"t: check .*: row [\d,]+ breaks it"):
        seed(bare, url)
    with open_database(url) as database:
        assert database.fetch("SELECT count(*) FROM t")[0][0] == 0
    assert seed(bare.replace("a: {type: integer, params: {low: 0, high: 9}}", "a: {values: [1, 4]}"), url).rows == {
        "t": 500
    }


def test_letters_of_either_case_are_one_for_an_engine_that_sees_none(anywhere: Anywhere) -> None:
    url = anywhere.filled("CREATE TABLE t (x VARCHAR(9) CHECK (x IN ('A', 'B')));")
    text = "tables: {t: {count: 9, columns: {x: {values: [a, b]}}}}\n"
    if anywhere.name == "mariadb":
        assert seed(text, url).rows == {"t": 9}
    else:
        with pytest.raises(InputError, match="breaks it"):
            seed(text, url)


def test_an_exclusion_constraint_is_named(postgresql_url: str) -> None:
    run_script(postgresql_url, "CREATE TABLE t (x int4range, CONSTRAINT apart EXCLUDE USING gist (x WITH &&));")
    text = 'tables: {t: {count: 1, columns: {x: {values: ["[1,5)"]}}}}\n'
    (said,) = check(text, postgresql_url)
    assert "check apart (EXCLUDE" in said
    assert "not evaluated" in said
    assert seed(text, postgresql_url).warnings == [said]


def test_verify_evaluates_checks_over_all_rows(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    text = BROKEN.replace("a + 1 > b", "a >= 0").replace("500", "5000")
    seed(text, url)
    whole = [one for one in compare(text, url) if one.check.startswith("check")]
    assert [(one.found, one.holds) for one in whole] == [("0", True)]
    drops = {
        "sqlite": "PRAGMA ignore_check_constraints = ON",
        "postgresql": "ALTER TABLE t DROP CONSTRAINT ordered",
        "mariadb": "ALTER TABLE t DROP CONSTRAINT ordered",
    }
    with open_database(url, write=True) as database:
        database.execute(drops[anywhere.name])
        database.execute("UPDATE t SET a = -1 WHERE id = 4321")
    assert [(one.found, one.holds) for one in compare(text, url) if one.check.startswith("check")] == [("1", False)]


def test_a_partial_unique_that_rows_break_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"members_org_id_partial \(org_id\) where is_owner: rows [\d,]+ and [\d,]+ are"
    ):
        examined(read(TEAMS % (60, "values: [true, false]")))


def test_a_partial_unique_that_was_looked_at_in_part_is_a_warning() -> None:
    assert examined(read(TEAMS % (60, OWNED))) == []
    (said,) = examined(read(TEAMS % (LOOKED, OWNED)))
    assert "not proven" in said


def test_a_partial_unique_over_a_unique_column_needs_no_look() -> None:
    text = TEAMS.replace("columns: [org_id]", "columns: [id, org_id]")
    assert examined(read(text % (LOOKED, OWNED))) == []


def test_engines_that_have_partial_uniques_get_them(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    assert seed(TEAMS % (60, OWNED), url).rows == {"orgs": 60, "members": 180}
    with open_database(url) as database:
        table = database.inspect().find("members")
    assert table
    found = [(one.columns, bool(one.where)) for one in table.uniques if one.where]
    assert len(found) == (0 if anywhere.name == "mariadb" else 1)
    assert not [one for one in compare(TEAMS % (60, OWNED), url) if not one.holds]


def test_a_partial_unique_of_a_table_that_stands_is_tried(anywhere: Anywhere) -> None:
    if anywhere.name == "mariadb":
        pytest.skip("MariaDB has none")
    url = anywhere.filled(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER); CREATE UNIQUE INDEX one ON t (a) WHERE b > 3;"
    )
    bare = BROKEN.partition("    constraints:")[0]
    with pytest.raises(InputError, match=r"unique one \(a.*are alike"):
        seed(bare, url)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_nulls_may_be_alike_unless_the_unique_says_otherwise(share: float, postgresql_url: str) -> None:
    text = f"""
tables:
  t:
    count: 90
    columns: {{a: {{type: integer, params: {{low: 1, high: 90}}, unique: true, nulls: {share}}}}}
    constraints: [{{unique: [a], nulls_distinct: false, name: once}}]
"""
    if share:
        with pytest.raises(InputError, match="once"):
            seed(text, postgresql_url)
        return
    assert seed(text, postgresql_url).rows == {"t": 90}
    with open_database(postgresql_url) as database:
        table = database.inspect().find("t")
    assert table
    assert {one.name: one.nulls_distinct for one in table.uniques}["once"] is False


def test_check_asks_a_database_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both what is not evaluated and what does not fit is told; `--json` stays JSON on standard output."""
    path, url = tmp_path / "t.yaml", f"sqlite:///{tmp_path / 't.db'}"
    path.write_text(BROKEN.replace("a + 1 > b", "nothere(a) > 0"), encoding="utf-8")
    run_script(url, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);")
    assert run("check", str(path), "--db", url, "--json") == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["tables"]["t"]["rows"] == 500
    assert "warning: t: check ordered (nothere(a) > 0): not evaluated" in shown.err
    run_script(url, "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER CHECK (b > 5));")
    assert run("check", str(path), "--db", url) == 2
    assert "breaks it" in capsys.readouterr().err
    with open_database(url) as database:
        assert [table.name.name for table in database.inspect()] == ["t"]
        assert database.fetch("SELECT count(*) FROM t") == [(0,)]


def test_files_are_not_written_where_a_check_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    assert run("seed", "--config", str(path), "--output", "csv", "--dir", str(tmp_path / "out")) == 2
    assert "ordered" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
