"""Rules of one's own, read with all that is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.capture.sanitising.planted import KEY, OTHER_KEY, PASSWORD, sanitiser

from hotfixture.capture.sanitising.rules import Rules, load, of_environment, spelled
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError


def test_all_problems_of_a_file_are_said_at_once_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "hide: [customer_ref, 3]\nmaks: {a: email}\nmasks: {nickname: user_nmae}\npaths: {user.ref: secret}\n"
        "patterns: {a: '[', b: 'x*'}\nbinary: some\nlargest: huge\npolicy: none.yaml\nsecrets: [missing.txt]\n"
    )
    with pytest.raises(InputError) as caught:
        load(str(file))
    said = str(caught.value)
    assert len(caught.value.problems) >= 9
    places = ((1, "hide"), (2, "maks"), (3, "user_nmae"), (4, "no path"), (5, "'a'"), (5, "'b'"), (6, "binary"),
              (7, "largest"), (9, "secrets"))  # fmt: skip
    for line, part in places:
        assert any(f"rules.yaml:{line}" in one and part in one for one in said.splitlines()), (line, part)


def test_the_file_is_found_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.yaml").write_text("hide: [customerRef]\n")
    monkeypatch.setenv("TEST_CAPTURE_RULES", str(tmp_path / "rules.yaml"))
    assert load().hide == ("customer_ref",)
    assert load({"hide": ["other"]}).hide == ("other",), "what is given in the program wins"
    monkeypatch.delenv("TEST_CAPTURE_RULES")
    assert load() == Rules()


def test_names_are_compared_by_their_words() -> None:
    assert spelled("customerRef") == spelled("Customer-Ref") == spelled("customer_ref") == "customer_ref"
    assert spelled("*Handle") == "*handle"


def test_keys_are_hidden_kept_and_masked() -> None:
    one = sanitiser({"hide": ["customer_ref", "*Handle"], "keep": ["session_id"], "masks": {"nickname": "user_name"}})
    value = {"customerRef": "ref-17-abc", "twitterHandle": "@anna", "session_id": "s-1234567890", "nickname": "anni"}
    made = one.value(value)
    assert made["session_id"] == value["session_id"]
    assert all(made[name] != value[name] for name in ("customerRef", "twitterHandle", "nickname"))
    assert one.headers([("Session-Id", "s-1234567890"), ("Customer-Ref", "ref-17-abc")]) == [
        ("Session-Id", "s-1234567890"), ("Customer-Ref", made["customerRef"]),
    ]  # fmt: skip
    assert one.url("https://h/?customer_ref=ref-17-abc") == f"https://h/?customer_ref={made['customerRef']}"


def test_paths_hide_keep_and_mask() -> None:
    one = sanitiser({"paths": {"$.user.ref": "secret", "$..trace": "keep", "$.list[*].label": "full_name"}})
    value = {
        "user": {"ref": "abc-12345"}, "ref": "abc-99999", "trace": {"password": PASSWORD},
        "list": [{"label": "Anna"}, {"label": "Bert"}],
    }  # fmt: skip
    made = one.value(value)
    assert made["user"]["ref"] != "abc-12345"
    assert made["ref"] == "abc-99999"
    assert made["trace"] == {"password": PASSWORD}
    assert all(new["label"] != old["label"] for new, old in zip(made["list"], value["list"], strict=True))


def test_patterns_are_looked_for_in_any_text() -> None:
    one = sanitiser(
        {"patterns": {"ticket": "TCK-[0-9]{8}", "plate": {"match": "[A-Z]{2}-[0-9]{4}", "mask": "permute"}}}
    )
    made = one.value({"note": "see TCK-12345678 and AB-1234"})["note"]
    assert "TCK-12345678" not in made
    assert "AB-1234" not in made
    assert one.text("again TCK-12345678").split()[1] == made.split()[1]


def test_given_secrets_are_replaced_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets.txt").write_text(f"# ours\n{PASSWORD}\n\n")
    (tmp_path / "rules.yaml").write_text("secrets: secrets.txt\n")
    monkeypatch.setenv("SHOP_API_KEY", "from-the-environment-1")
    one = Sanitiser(KEY, str(tmp_path / "rules.yaml"))
    made = one.text(f"a {PASSWORD} b from-the-environment-1 c")
    assert PASSWORD not in made
    assert "environment" not in made
    assert PASSWORD not in repr(one.rules)
    assert "environment" not in sanitiser().text("from-the-environment-1"), "without any rules, too"
    (tmp_path / "rules.yaml").write_text("environment: false\n")
    assert Sanitiser(KEY, str(tmp_path / "rules.yaml")).text("from-the-environment-1") == "from-the-environment-1"


def test_files_and_sockets_in_the_environment_are_no_secrets() -> None:
    given = {
        "SSH_AUTH_SOCK": "/tmp/ssh-abc/agent.1", "GOOGLE_APPLICATION_CREDENTIALS": "/etc/key.json", "API_KEY": "short",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus", "SHOP_TOKEN": "abc-def-123",
    }  # fmt: skip
    assert of_environment(given) == ["abc-def-123"]


def test_a_key_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(OTHER_KEY.secret.hex())
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "rules.yaml").write_text("key_file: key\n")
    assert Sanitiser(KEY, str(tmp_path / "rules.yaml")).key == OTHER_KEY
