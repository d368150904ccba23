"""The commands of hfitd, each run as an administrator runs it: as a process, in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.forking import CAN_FORK
from tests.forking import run as forked

from hotfixture.cli import output
from hotfixture.cli.hfitd import hfitd

HFITD = Path(sys.executable).parent / "hfitd"
PUBLIC = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
MADE = ["hfitd.yaml", "masking.yaml", ".gitignore", "keys/masking.key", "keys/seal.key", "data/hfitd.sqlite"]
Done = subprocess.CompletedProcess[str]


def run(folder: Path, *words: object, **environment: str) -> Done:
    """`hfitd WORDS` in a folder; its error, if any, is no traceback."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("HFIT_", "HFITD_"))}
    command = [str(HFITD), *map(str, words)]
    if CAN_FORK:
        done = forked(command, folder, own | environment, timeout=60)
    else:
        done = subprocess.run(
            command, cwd=folder, env=own | environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def good(folder: Path, *words: object, **environment: str) -> str:
    """What a command that must succeed prints."""
    done = run(folder, *words, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(folder: Path, *words: object) -> Any:
    """The JSON of a listing."""
    return json.loads(good(folder, *words, "--json"))


def kinds(folder: Path) -> list[str]:
    """The kinds of all audit events."""
    with closing(sqlite3.connect(folder / "data" / "hfitd.sqlite")) as store:
        return [row[0] for row in store.execute("SELECT kind FROM hfitd_audit ORDER BY seq")]


def public_key(path: Path) -> Path:
    """The file of a new public key."""
    path.write_bytes(Ed25519PrivateKey.generate().public_key().public_bytes(*PUBLIC) + b" somebody\n")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after `hfitd init`; tests use names of their own in it."""
    folder = tmp_path_factory.mktemp("hfitd")
    good(folder, "init")
    return folder


# ---- init


def test_init_makes_all_that_a_daemon_needs_and_shows_keys_to_their_owner_alone(tmp_path: Path) -> None:
    done = run(tmp_path, "init", "new/place")
    folder = tmp_path / "new" / "place"
    assert done.stdout.split() == [str(folder / name) for name in MADE]
    assert "hfitd serve" in done.stderr
    for name in ("keys/masking.key", "keys/seal.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    for name in ("keys", "data"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o700
    assert (folder / "keys/masking.key").read_text() != (folder / "keys/seal.key").read_text()
    assert {"keys/", "data/"} <= set((folder / ".gitignore").read_text().split())
    assert good(folder, "check").startswith("nothing is wrong")


def test_after_init_nobody_can_log_in(tmp_path: Path) -> None:
    good(tmp_path, "init")
    assert listed(tmp_path, "user", "list") == []
    assert listed(tmp_path, "token", "list") == []


@pytest.mark.parametrize("standing", ["masking.yaml", "keys"])
def test_init_touches_nothing_where_any_of_it_stands(tmp_path: Path, standing: str) -> None:
    (tmp_path / standing).write_text("mine") if "." in standing else (tmp_path / standing).mkdir()
    done = run(tmp_path, "init")
    assert done.returncode == 2
    assert f"{standing} is there already" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [standing]


def test_init_where_no_folder_can_be_is_one_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "place").write_text("a file")
    done = run(tmp_path, "init", "place")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_every_line_that_init_leaves_in_comments_is_a_setting(tmp_path: Path) -> None:
    """Uncommented, the file is one that `check` understands."""
    good(tmp_path, "init")
    path = tmp_path / "hfitd.yaml"
    lines = path.read_text().splitlines()
    names = ("# url:", "# store:", "# rate_store:", "# trusted_proxies:", "# behind_proxy:")
    lines = [line[2:] if line.startswith(names) else line for line in lines]
    text = "\n".join(line[1:] if line.startswith("#  ") else line for line in lines)
    text = text.replace("providers: {}", "providers:").replace("volumes: {}", "volumes:")
    path.write_text(text.replace("store: postgresql://hfitd@db/hfitd", "store: ''"))
    told = good(tmp_path, "provider", "list")
    assert "PROD_REPLICA" in told
    assert "payments" in told


# ---- check


def test_check_says_every_problem_at_once(tmp_path: Path) -> None:
    good(tmp_path, "init")
    settings = tmp_path / "hfitd.yaml"
    text = settings.read_text().replace("host: 127.0.0.1", "host: 0.0.0.0")
    text = text.replace("masking_key: keys/masking.key", "masking_key: keys/none.key")
    text = text.replace("providers: {}", "providers: {GONE: {url: 'sqlite:///nothing.db'}, DARK: {url: 'env:NOT_SET'}}")
    settings.write_text(text.replace("volumes: {}", "volumes: {lost: /no/such/folder}"))
    (tmp_path / "masking.yaml").write_text("default: maybe\n")
    (tmp_path / "keys" / "seal.key").chmod(0o644)
    done = run(tmp_path, "check")
    assert done.returncode == 2
    told_of = ("provider GONE: ", "provider DARK: ", "volume lost: ")
    for part in ("0.0.0.0", "none.key", "seal.key", "maybe", "/no/such/folder", "nothing.db", "env:NOT_SET", *told_of):
        assert part in done.stderr, part
    told = json.loads(run(tmp_path, "check", "--json").stdout)["problems"]
    assert len(told) == done.stderr.count("hfitd: ")
    offline = run(tmp_path, "check", "--offline")
    assert "nothing.db" not in offline.stderr
    assert offline.returncode == 2


@pytest.mark.parametrize("url", ["fixtures.example.com", "ftp://fixtures.example.com", "https://"])
def test_a_url_that_no_client_could_use_is_refused(tmp_path: Path, url: str) -> None:
    good(tmp_path, "init")
    settings = tmp_path / "hfitd.yaml"
    settings.write_text(f"{settings.read_text()}\nurl: {url}\n")
    for words in (["check"], ["serve", "--port", "0"]):
        done = run(tmp_path, *words)
        assert done.returncode == 2
        assert "url: expected one such as https://fixtures.example.com" in done.stderr


def test_settings_that_cannot_be_read_are_named_with_line_and_column(tmp_path: Path) -> None:
    good(tmp_path, "init")
    settings = tmp_path / "hfitd.yaml"
    settings.write_text("prot: 1\nproviders:\n  A: {url: 'postgresql://u:hunter2@db/x'}\n")
    done = run(tmp_path, "check")
    assert done.returncode == 2
    assert ":1:" in done.stderr
    assert ":3:" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("command", [["check"], ["audit", "verify"], ["serve"]])
def test_a_file_of_settings_that_is_not_there_is_one_error(tmp_path: Path, command: Sequence[str]) -> None:
    done = run(tmp_path, *command, "--config", "nothing.yaml")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "nothing.yaml" in done.stderr


def test_the_settings_are_found_by_a_variable_from_anywhere(made: Path, tmp_path: Path) -> None:
    assert good(tmp_path, "check", HFITD_CONFIG=str(made / "hfitd.yaml")).startswith("nothing is wrong")


# ---- users, teams, tokens


def test_a_user_is_added_changed_given_keys_and_removed(made: Path) -> None:
    first, second = public_key(made / "first.pub"), public_key(made / "second.pub")
    told = good(made, "user", "add", "dev@x.test", "--key", first, "--role", "developer,author", "--team", "payments")
    assert told.startswith("dev@x.test: SHA256:")
    (user,) = [one for one in listed(made, "user", "list") if one["name"] == "dev@x.test"]
    assert (user["roles"], user["teams"], user["disabled"]) == (["author", "developer"], ["payments"], False)
    added = good(made, "user", "add-key", "dev@x.test", second).strip()
    good(made, "user", "remove-key", "dev@x.test", user["keys"][0]["fingerprint"])
    good(made, "user", "change", "dev@x.test", "--role", "approver", "--disable")
    (user,) = [one for one in listed(made, "user", "list") if one["name"] == "dev@x.test"]
    assert ([key["fingerprint"] for key in user["keys"]], user["roles"], user["disabled"]) == (
        [added], ["approver"], True,
    )  # fmt: skip
    assert "dev@x.test" in good(made, "user", "list")
    good(made, "user", "remove", "dev@x.test")
    assert "dev@x.test" not in good(made, "user", "list")
    wanted = ["user.created", "key.added", "key.removed", "user.changed", "user.removed"]
    assert [kind for kind in kinds(made) if kind in wanted][-5:] == wanted


def test_a_team_is_made_joined_left_and_removed(made: Path) -> None:
    good(made, "user", "add", "ann@x.test")
    good(made, "team", "add", "night")
    good(made, "team", "add", "night", "ann@x.test")
    assert [(one["name"], one["members"]) for one in listed(made, "team", "list") if one["name"] == "night"] == [
        ("night", ["ann@x.test"])
    ]
    good(made, "team", "remove", "night", "ann@x.test")
    good(made, "team", "remove", "night")
    assert "night" not in [one["name"] for one in listed(made, "team", "list")]
    wanted = ["team.created", "team.joined", "team.left", "team.deleted"]
    assert [kind for kind in kinds(made) if kind in wanted][-4:] == wanted


def test_a_team_takes_accounts_that_are_there_alone_and_all_or_none_of_them(made: Path) -> None:
    good(made, "user", "add", "bea@x.test")
    done = run(made, "team", "add", "day", "bea@x.test", "nobody@x.test", "none@x.test")
    assert done.returncode != 0
    assert "nobody@x.test" in done.stderr
    assert "none@x.test" in done.stderr
    assert "day" not in [one["name"] for one in listed(made, "team", "list")]
    good(made, "team", "add", "day", "bea@x.test")
    done = run(made, "team", "remove", "day", "bea@x.test", "nobody@x.test")
    assert "nobody@x.test" in done.stderr
    assert ["bea@x.test"] in [one["members"] for one in listed(made, "team", "list")]


def test_a_token_is_shown_once_kept_as_a_hash_and_revoked(made: Path) -> None:
    done = run(
        made, "token", "create", "--for", "ci", "--templates", "ci-*,nightly", "--ttl", "2d", "--address", "10.0.0.0/8"
    )
    secret = done.stdout.strip()
    assert secret.startswith("hft_")
    assert "this once" in done.stderr
    (told,) = [one for one in listed(made, "token", "list") if one["name"] == "ci"]
    assert (told["templates"], told["addresses"], told["revoked"]) == (["ci-*", "nightly"], ["10.0.0.0/8"], None)
    assert secret not in json.dumps(told)
    assert secret[4:].encode() not in (made / "data" / "hfitd.sqlite").read_bytes()
    good(made, "token", "revoke", "ci")
    assert run(made, "token", "revoke", "ci").returncode != 0
    as_json = json.loads(good(made, "token", "create", "--for", "ci", "--json"))
    assert as_json["token"].startswith("hft_")


BAD = {
    "a user without a name": ["user", "add", ""],
    "a role that is none": ["user", "add", "x@x.test", "--role", "emperor"],
    "a team's name that is none": ["user", "add", "x@x.test", "--team", "Ö/.."],
    "a key that is not there": ["user", "add", "x@x.test", "--key", "no.pub"],
    "a key that is none": ["user", "add", "x@x.test", "--key", "hfitd.yaml"],
    "a user that is not there": ["user", "change", "x@x.test", "--role", "admin"],
    "a user that is not there to remove": ["user", "remove", "x@x.test"],
    "a key of nobody": ["user", "remove-key", "x@x.test", "SHA256:x"],
    "nothing to change": ["user", "change", "x@x.test"],
    "a team that is not there": ["team", "remove", "nobody"],
    "a team with a strange name": ["team", "add", "a b"],
    "a token for too long": ["token", "create", "--for", "t", "--ttl", "5000d"],
    "a token for no time": ["token", "create", "--for", "t", "--ttl", "soon"],
    "a token that approves": ["token", "create", "--for", "t", "--role", "admin"],
    "a token from nowhere": ["token", "create", "--for", "t", "--address", "home"],
    "a token that is not there": ["token", "revoke", "nothing"],
    "a template that is not there": ["template", "approve", "nothing", "--yes"],
    "an approval of nothing to take back": ["template", "revoke", "nothing"],
    "a provider that is not there": ["provider", "test", "NOTHING"],
    "a draft of nothing": ["classify", "NOTHING"],
    "a head that is none": ["audit", "verify", "--head", "hfitd.yaml"],
    "an option that is none": ["audit", "export", "--everything"],
    "a command that is none": ["usr", "add"],
}


@pytest.mark.parametrize("words", BAD.values(), ids=BAD)
def test_what_is_wrong_is_one_clear_error_and_changes_nothing(
    made: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process: each costs the second that imports take otherwise."""
    monkeypatch.chdir(made)
    before = kinds(made)
    status = output.run(hfitd, words)
    shown = capsys.readouterr()
    assert status in (1, 2, 3)
    assert 0 < len(shown.err.strip().splitlines()) <= 4
    assert "Traceback" not in shown.err
    assert not shown.out
    assert kinds(made) == before


@pytest.mark.parametrize("broken", ["gone", "open"])
def test_a_seal_key_that_cannot_be_used_is_said_before_anything_is_served(tmp_path: Path, broken: str) -> None:
    good(tmp_path, "init")
    key = tmp_path / "keys" / "seal.key"
    key.unlink() if broken == "gone" else key.chmod(0o644)
    done = run(tmp_path, "serve", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert ("hfitd init makes one" if broken == "gone" else "chmod 600") in line


def test_a_store_that_does_not_answer_is_said_with_what_to_check(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(made)
    monkeypatch.setenv("HFITD_STORE", "postgresql://u:hunter2@127.0.0.1:1/x")
    assert output.run(hfitd, ["user", "list"]) == 1
    said = capsys.readouterr().err
    assert "HFITD_STORE" in said
    assert "hunter2" not in said


# ---- providers


def test_a_provider_is_tried_and_a_policy_drafted_without_a_value_of_a_row(tmp_path: Path) -> None:
    good(tmp_path, "init")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT NOT NULL)")
        shop.execute("INSERT INTO people VALUES (1, 'anna.kern@firm.test'), (2, 'bo.lund@firm.test')")
        shop.commit()
    settings = tmp_path / "hfitd.yaml"
    shown = f"providers: {{SHOP: {{url: 'sqlite:///{tmp_path / 'shop.db'}', teams: [a]}}, AWAY: {{url: 'sqlite:///gone.db'}}}}"
    settings.write_text(settings.read_text().replace("providers: {}", shown))
    told = json.loads(good(tmp_path, "provider", "test", "SHOP", "--json"))
    assert (told["reachable"], told["read_only"], told["tables"]) == (True, True, 1)
    assert "sessions are read-only" in good(tmp_path, "provider", "test", "SHOP")
    away = run(tmp_path, "provider", "test", "AWAY")
    assert (away.returncode, away.stdout) == (1, "")
    assert "AWAY" in away.stderr
    settings.write_text(settings.read_text().replace("AWAY: {", "AWAY: {password: 'env:NO_SUCH_PASSWORD', "))
    for words in (("provider", "test", "AWAY"), ("classify", "AWAY")):
        closed = run(tmp_path, *words)
        assert closed.returncode == 2
        assert closed.stderr.splitlines() == [closed.stderr.strip()]  # one line, and none of the log's
        assert re.match(r"hfitd: .*hfitd\.yaml:\d+:\d+: env:NO_SUCH_PASSWORD", closed.stderr)
    drafted = good(tmp_path, "classify", "SHOP")
    assert "people.email" in drafted
    assert "firm.test" not in drafted
    (tmp_path / "masking.yaml").write_text(drafted)
    assert "people.email" in good(tmp_path, "classify", "SHOP", "--names-only")


# ---- keys and audit


def test_a_signing_key_is_rotated_gently_or_at_once(tmp_path: Path) -> None:
    good(tmp_path, "init")
    first = good(tmp_path, "key", "rotate").strip()
    second = run(tmp_path, "key", "rotate")
    assert "ten minutes" in second.stderr
    with closing(sqlite3.connect(tmp_path / "data" / "hfitd.sqlite")) as store:
        assert {row[0] for row in store.execute("SELECT id FROM hfitd_signing_keys")} == {first, second.stdout.strip()}
    last = good(tmp_path, "key", "rotate", "--at-once").strip()
    with closing(sqlite3.connect(tmp_path / "data" / "hfitd.sqlite")) as store:
        assert [row[0] for row in store.execute("SELECT id FROM hfitd_signing_keys")] == [last]
    assert kinds(tmp_path) == ["signing-key.created"] * 3


def test_the_audit_is_verified_exported_and_signed_and_whatever_is_changed_is_found(tmp_path: Path) -> None:
    good(tmp_path, "init")
    assert run(tmp_path, "audit", "head").returncode == 1  # nothing yet
    for number in range(3):
        good(tmp_path, "team", "add", f"t{number}")
    (tmp_path / "head.json").write_text(good(tmp_path, "audit", "head"))
    assert good(tmp_path, "audit", "verify", "--head", "head.json").startswith("whole: 3 events; signed heads: 1")
    exported = good(tmp_path, "audit", "export")
    lines = [json.loads(line) for line in exported.splitlines()]
    assert [line["kind"] for line in lines] == ["team.created"] * 3 + ["audit.exported"]
    good(tmp_path, "audit", "export", "-o", "events.ndjson", "--after", "2")
    assert len((tmp_path / "events.ndjson").read_text().splitlines()) == 3
    assert (tmp_path / "events.ndjson").stat().st_mode & 0o077 == 0
    assert listed(tmp_path, "audit", "verify")["whole"] is True
    with closing(sqlite3.connect(tmp_path / "data" / "hfitd.sqlite")) as store:
        store.execute("UPDATE hfitd_audit SET actor = 'somebody else' WHERE seq = 2")
        store.commit()
    done = run(tmp_path, "audit", "verify")
    assert done.returncode == 4
    assert "event 2" in done.stderr
    with closing(sqlite3.connect(tmp_path / "data" / "hfitd.sqlite")) as store:
        store.execute("DELETE FROM hfitd_audit WHERE seq > 1")
        store.execute("DELETE FROM hfitd_audit_heads")
        store.commit()
    (tmp_path / "data" / "audit.head").unlink()
    assert run(tmp_path, "audit", "verify").returncode == 0  # all that could show it is gone, but for what was kept
    assert run(tmp_path, "audit", "verify", "--head", "head.json").returncode == 4


def test_a_seal_key_that_somebody_saw_is_replaced(tmp_path: Path) -> None:
    """Its sessions end; what was signed with it is no proof any more, what is signed from now on is."""
    good(tmp_path, "init")
    good(tmp_path, "key", "rotate")
    (tmp_path / "keys" / "seal.key").write_text(os.urandom(32).hex())
    head = run(tmp_path, "key", "rotate", "--at-once")
    assert "every session has ended" in head.stderr
    assert good(tmp_path, "audit", "head")
    assert listed(tmp_path, "audit", "verify")["whole"] is True


def test_another_seal_key_is_no_proof(made: Path, tmp_path: Path) -> None:
    good(made, "team", "add", "sealed")
    head = tmp_path / "head.json"
    head.write_text(good(made, "audit", "head"))
    other = tmp_path / "other.key"
    other.touch(0o600)
    other.write_text(os.urandom(32).hex())
    done = run(made, "audit", "verify", HFITD_SEAL_KEY=str(other))
    assert done.returncode == 4
    assert "signature" in done.stderr
