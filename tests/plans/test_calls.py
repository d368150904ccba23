"""The calls behind the commands: where a package goes, which key masks, what never shows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from tests.plans.market import CUSTOMERS, KEY, SCHEMA, market, run, template

import hotfixture
from hotfixture.errors import HotFixtureError, InputError

MARKET = SCHEMA + CUSTOMERS


@pytest.mark.parametrize("name", ["out.tar", "out.tar.bz2", "out.7z", "out.tar.xz", "OUT.RAR"])
def test_an_archive_that_nobody_writes_is_refused_before_the_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.tar\.zst"):
        run(tmp_path, MARKET, output=tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident.yaml", "market.db"]


def test_a_place_that_is_taken_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    seen: list[object] = []
    (tmp_path / "file").write_text("thesis")
    (tmp_path / "x.sql").mkdir()
    for place in ("file", "x.sql"):
        with pytest.raises(InputError, match="Name"):
            run(tmp_path, MARKET, output=tmp_path / place, progress=lambda *step: seen.append(step))
    assert not seen
    assert (tmp_path / "file").read_text() == "thesis"


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HotFixtureError, match="cannot be written") as caught:
        run(tmp_path, MARKET, output=tmp_path / "file" / "x.sql")
    assert caught.value.exit_code == 1


def test_without_a_place_the_script_stands_here_and_a_folder_when_there_is_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = run(tmp_path, MARKET, output=None)
    assert made.paths == (Path("incident.sql"),)
    assert not (tmp_path / "incident").exists()
    made = run(tmp_path, MARKET, output=None, rest="formats: [csv]\n")
    assert made.paths == (Path("incident.sql"), Path("incident"))
    assert (tmp_path / "incident" / "incident.sql").read_bytes() == (tmp_path / "incident.sql").read_bytes()
    hotfixture.verify(tmp_path / "incident")


def test_files_that_have_no_place_are_not_left_out_silently(tmp_path: Path) -> None:
    said: list[str] = []
    run(tmp_path, MARKET, output=tmp_path / "x.sql", say=said.append)
    assert said == []
    run(tmp_path, MARKET, output=tmp_path / "x.sql", rest="formats: [csv]\n", say=said.append)
    assert len(said) == 1
    assert "left out" in said[0]


def test_a_folder_in_the_way_of_the_default_place_is_found_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident").mkdir()
    (tmp_path / "incident" / "thesis.txt").write_text("thesis")
    with pytest.raises(InputError, match="no package"):
        run(tmp_path, MARKET, output=None, rest="formats: [csv]\n")
    assert not (tmp_path / "incident.sql").exists()


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.zst", ".zip"])
def test_every_file_but_the_manifest_has_the_same_bytes_each_time(tmp_path: Path, suffix: str) -> None:
    """The manifest holds the moment of the snapshot."""
    made = [
        run(tmp_path, MARKET, output=tmp_path / str(number) / f"package{suffix}", rest="formats: [csv, parquet]\n")
        for number in (1, 2)
    ]
    assert made[0].manifest["files"] == made[1].manifest["files"]
    assert len(made[0].manifest["files"]) == 8
    assert made[0].manifest["providers"] != made[1].manifest["providers"]


@pytest.mark.parametrize("name", ["package.tar.gz", "package.tar.zst", "package.zip"])
def test_a_pinned_time_makes_equal_archives_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1729000000")
    day = date(2024, 10, 20)
    made = [run(tmp_path, MARKET, output=tmp_path / number / name, today=day) for number in ("1", "2")]
    assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert made[0].manifest["providers"]["SHOP"]["snapshot"] == "2024-10-15T13:46:40+00:00 (SOURCE_DATE_EPOCH)"


def test_two_scripts_do_not_go_into_one_file(tmp_path: Path, postgresql_url: str) -> None:
    from tests.servers import rows

    rows(postgresql_url, "CREATE TABLE extra (id int PRIMARY KEY); INSERT INTO extra VALUES (1)")
    path = template(tmp_path, MARKET + "  extra: {provider: OTHER, query: SELECT * FROM extra}\n")
    providers = {"SHOP": market(tmp_path), "OTHER": postgresql_url}
    with pytest.raises(InputError, match="2 scripts"):
        hotfixture.run(path, providers=providers, output=tmp_path / "x.sql", key=KEY)
    made = hotfixture.run(path, providers=providers, output=tmp_path / "package", key=KEY)
    assert [place.name for place in made.paths] == ["incident.postgresql.sql", "incident.sqlite.sql", "package"]


def test_the_policy_s_digest_stands_in_the_manifest(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("default: pass\nrules: [{match: '*.email', mask: email}]\n")
    made = run(tmp_path, MARKET, policy=policy)
    assert len(made.manifest["policy"]) == 64
    assert run(tmp_path, MARKET).manifest["policy"] is None


def test_a_key_of_the_user_s_own_is_made_once_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("HFIT_MASKING_KEY", "HFIT_KEY_FILE", "HFIT_SETTINGS"):
        monkeypatch.delenv(variable, raising=False)
    market(tmp_path)
    path = template(tmp_path, MARKET)
    said: list[str] = []
    providers = {"SHOP": f"sqlite:///{tmp_path / 'market.db'}"}
    first = hotfixture.plan(path, providers=providers, say=said.append)
    second = hotfixture.run(path, providers=providers, output=tmp_path / "package", say=said.append)
    assert len(said) == 1
    assert "masking key" in said[0]
    assert first.key == second.manifest["key"]


def test_a_volume_of_the_environment_is_one_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("hello")
    monkeypatch.setenv("HFIT_VOLUME_DOCS", str(tmp_path / "docs"))
    run(tmp_path, MARKET + "  files: {type: files, volume: DOCS, path: '*.txt'}\n")
    assert (tmp_path / "package" / "files" / "files" / "a.txt").read_text() == "hello"


def test_a_provider_s_url_shows_nowhere(tmp_path: Path) -> None:
    path = template(tmp_path, MARKET)
    secret = "postgresql://tester:s3cretpw@127.0.0.1:1/market"
    with pytest.raises(HotFixtureError) as caught:
        hotfixture.plan(path, providers={"SHOP": secret}, key=KEY)
    assert "s3cretpw" not in repr(caught.value) + str(caught.value)
    made = hotfixture.plan(path, providers={"SHOP": market(tmp_path)}, key=KEY)
    assert "market.db" not in repr(made) + json.dumps(made.plain(), default=str)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"", b"- a\n"], ids=["absent", "not UTF-8", "empty", "a list"])
def test_a_template_that_cannot_be_read_is_an_input_error_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "t.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"t\.yaml"):
        hotfixture.plan(path, key=KEY)


def test_a_template_from_windows_is_read_and_its_places_are_right(tmp_path: Path) -> None:
    path = template(tmp_path, MARKET.replace("root: customers", "root: custmers"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_text().replace("\n", "\r\n").encode())
    with pytest.raises(InputError, match=r"incident\.yaml:5:"):
        hotfixture.plan(path, providers={"SHOP": market(tmp_path)}, key=KEY)


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, MARKET, progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident.yaml", "market.db"]


def test_relative_dates_count_from_the_given_day(tmp_path: Path) -> None:
    from datetime import date

    query = "SELECT id FROM orders WHERE placed >= ${p.start} AND placed < ${p.after}"
    exports = f'  o: {{provider: SHOP, query: "{query}"}}\n'
    given = {"rest": "parameters: {p: date_range}\n", "parameters": {"p": "yesterday"}, "masks": {}}
    assert run(tmp_path, exports, today=date(2024, 10, 16), **given).rows == {"o": 1}
    assert run(tmp_path, exports, today=date(2024, 10, 18), **given).rows == {"o": 0}
