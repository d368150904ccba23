"""The settings of hfitd: where secrets may stand, what is refused, and what is safe by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotfixture.errors import InputError, RefusedError
from hotfixture.server.gateway import run
from hotfixture.server.gateway.places import granted
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.settings import described, load


def read(folder: Path, text: str, **environment: str) -> DaemonSettings:
    """Settings of a file."""
    path = folder / "hfitd.yaml"
    path.write_text(text, encoding="utf-8")
    found: DaemonSettings = load(config=path, environment=environment, form=DaemonSettings)
    return found


def test_a_file_names_providers_and_volumes_with_their_limits(tmp_path: Path) -> None:
    found = read(tmp_path, """
providers:
  PROD: {url: postgresql://reader@db/shop, password: env:PW, teams: [payments], connections: 3, max_lag: 60s}
volumes:
  logs: {place: /var/log, teams: ["*"]}
  plain: /srv
""")  # fmt: skip
    provider = found.providers["PROD"]
    assert (provider.connections, provider.max_lag, provider.teams) == (3, 60.0, ("payments",))
    assert provider.resolved({"PW": "p@ss/word"}) == "postgresql://reader:p%40ss%2Fword@db/shop"
    assert (found.volumes["logs"].place, found.volumes["plain"].place) == ("/var/log", "/srv")


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "providers:\n  A: {url: postgresql://u:hunter2@db/x}\n  B: {url: env:B, password: hunter2}\n")
    assert "hunter2" not in str(caught.value)
    assert [problem.where.line for problem in caught.value.problems if problem.where] == [2, 3]


def test_all_problems_of_the_file_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "port: x\napproval: maybe\nproviders:\n  A: {connections: 0, teems: [a]}\n")
    text = str(caught.value)
    assert all(part in text for part in ("port", "approval", "connections", "teems", "'url' is missing"))


@pytest.mark.parametrize(("kind", "name"), [("env", "URL"), ("file", "secret")])
def test_a_whole_url_may_stand_in_the_environment_or_a_file(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "secret").write_text("postgresql://u:p@db/x\n", encoding="utf-8")
    place = name if kind == "env" else str(tmp_path / name)
    found = read(tmp_path, f"providers:\n  A: {{url: '{kind}:{place}'}}\n")
    assert found.providers["A"].resolved({"URL": "postgresql://u:p@db/x"}) == "postgresql://u:p@db/x"


def test_a_reference_to_nothing_is_named_without_what_stands_elsewhere(tmp_path: Path) -> None:
    found = read(tmp_path, "providers:\n  A: {url: postgresql://u@db/x, password: env:MISSING}\n")
    with pytest.raises(InputError, match="env:MISSING: nothing is there"):
        found.providers["A"].resolved({})


def test_relative_paths_count_from_the_file_not_from_where_cron_stands(tmp_path: Path) -> None:
    found = read(tmp_path, "policy: masking.yaml\ndata: data\n")
    assert (found.policy, found.folder) == (tmp_path / "masking.yaml", tmp_path / "data")


def test_nobody_is_granted_what_names_no_team() -> None:
    assert not granted((), frozenset({"a"}))
    assert granted(("*",), frozenset())
    assert granted(("a", "b"), frozenset({"b"}))
    assert not granted(("a",), frozenset())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "fixtures.example.com"])
def test_listening_in_the_open_without_tls_is_refused(host: str) -> None:
    with pytest.raises(RefusedError, match="not loopback"):
        run.check(DaemonSettings(host=host))
    run.check(DaemonSettings(host=host, behind_proxy=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_tls(host: str) -> None:
    run.check(DaemonSettings(host=host))


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both or neither"):
        run.check(DaemonSettings(tls_cert=tmp_path / "x"))


def test_no_pages_of_other_origins_and_no_token_file_can_be_set() -> None:
    names = {setting.name for setting in described(DaemonSettings)}
    assert not names & {"cors_origins", "token_file"}


def test_a_mistyped_variable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="HFITD_APROVAL"):
        read(tmp_path, "port: 1\n", HFITD_APROVAL="off")
