"""What views, the policy's functions and the switches of a run promise, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engines import Anywhere, anywhere
from tests.servers import run_script

import hotfixture
from hotfixture.cli import output
from hotfixture.cli.hfit import hfit
from hotfixture.errors import RefusedError

__all__ = ["anywhere"]

KEY = bytes(range(32))
PEOPLE = """
CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(200));
INSERT INTO people VALUES (1, 'anna.oberhuber@realmail.com'), (2, NULL), (3, '');
CREATE VIEW contacts AS SELECT id, email AS reach_at FROM people;
CREATE VIEW shouted AS SELECT id, upper(reach_at) AS loud FROM contacts;
"""


def written(folder: Path, query: str, rest: str = "masks: {people.email: email}\n") -> Path:
    """A template of one query export into the table `people`."""
    path = folder / "template.yaml"
    path.write_text(f"name: one\nexports:\n  people: {{provider: P, query: '{query}'}}\n{rest}", encoding="utf-8")
    return path


def test_a_view_shows_what_its_tables_would_masked(anywhere: Anywhere, tmp_path: Path) -> None:
    template = written(tmp_path, "SELECT id, reach_at FROM contacts")
    url = anywhere.filled(PEOPLE)
    made = hotfixture.run(template, providers={"P": url}, output=tmp_path / "out.sql", key=KEY)
    text = (tmp_path / "out.sql").read_text(encoding="utf-8")
    assert made.rows == {"people": 3}
    assert "realmail" not in text
    assert "@" in text


def test_an_expression_two_views_deep_over_a_masked_column_is_refused(anywhere: Anywhere, tmp_path: Path) -> None:
    template = written(tmp_path, "SELECT id, loud FROM shouted")
    with pytest.raises(RefusedError, match=r"people\.email"):
        hotfixture.run(template, providers={"P": anywhere.filled(PEOPLE)}, output=tmp_path / "out.sql", key=KEY)
    assert not (tmp_path / "out.sql").exists()


def test_only_the_policy_makes_an_unknown_function_callable(postgresql_url: str, tmp_path: Path) -> None:
    run_script(postgresql_url, PEOPLE + "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i * 2';")
    template = written(tmp_path, "SELECT public.twice(id) AS id FROM people", "")
    given = {"providers": {"P": postgresql_url}, "output": tmp_path / "out.sql", "key": KEY}
    with pytest.raises(RefusedError, match="twice"):
        hotfixture.run(template, **given)  # type: ignore[arg-type]  # as named above
    policy = tmp_path / "policy.yaml"
    policy.write_text("default: pass\nfunctions: [public.twice]\n")
    hotfixture.run(template, policy=policy, **given)  # type: ignore[arg-type]  # as named above
    assert "\n6\n" in (tmp_path / "out.sql").read_text()


@pytest.mark.parametrize("name", ["loud", "count"])
def test_what_a_function_of_the_policy_makes_of_a_masked_column_is_refused(
    postgresql_url: str, tmp_path: Path, name: str
) -> None:
    function = f"CREATE FUNCTION public.{name}(t text) RETURNS text LANGUAGE sql AS 'SELECT upper(t)';"
    run_script(postgresql_url, PEOPLE + function)
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"default: pass\nfunctions: [public.{name}]\n")
    template = written(tmp_path, f"SELECT id, public.{name}(email) AS email FROM people")
    with pytest.raises(RefusedError, match=r"people\.email"):
        hotfixture.run(template, providers={"P": postgresql_url}, policy=policy, output=tmp_path / "o.sql", key=KEY)


@pytest.mark.parametrize(("switch", "word"), [([], "COPY "), (["--inserts"], "INSERT INTO ")])
def test_a_script_holds_inserts_where_they_are_asked_for(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: list[str], word: str
) -> None:
    monkeypatch.setenv("HFIT_MASKING_KEY", KEY.hex())
    run_script(postgresql_url, PEOPLE)
    place = tmp_path / "out.sql"
    template = str(written(tmp_path, "SELECT * FROM people"))
    assert output.run(hfit, ["run", template, "--provider", f"P={postgresql_url}", "-o", str(place), *switch]) == 0
    others = {"COPY ", "INSERT INTO "} - {word}
    text = place.read_text(encoding="utf-8")
    assert word in text
    assert not any(other in text for other in others)


@pytest.mark.parametrize(("asked", "shown"), [("yes", True), ("no", False)])
def test_debug_mode_says_the_plan_before_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: str, shown: bool
) -> None:
    monkeypatch.setenv("HFIT_MASKING_KEY", KEY.hex())
    run_script(f"sqlite:///{tmp_path / 'p.db'}", PEOPLE)
    words = ["run", str(written(tmp_path, "SELECT * FROM people")), "--provider", f"P=sqlite:///{tmp_path / 'p.db'}"]
    assert output.run(hfit, [*words, f"debug_mode={asked}", "-o", str(tmp_path / "out.sql")]) == 0
    assert ('"sql": "SELECT' in capsys.readouterr().err) is shown
