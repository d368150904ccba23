"""Who signs: the agent first, then the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.identity import ssh

from hotfixture.errors import InputError
from hotfixture.identity import keys, signers
from hotfixture.identity.agent import AgentKey
from hotfixture.identity.private import PrivateKey


def never(question: str) -> str:
    """Nobody may be asked."""
    raise AssertionError(question)


@pytest.mark.parametrize("form", ["", "PKCS8"])
def test_a_key_with_a_passphrase_asks_nobody_while_the_agent_holds_it(
    agent: dict[str, str], form: str, tmp_path: Path
) -> None:
    path = ssh.make_key(tmp_path / "key", "ecdsa", "256", pem=form)
    ssh.add(agent, path)
    ssh.run("ssh-keygen", "-q", "-p", "-N", "secret", "-f", str(path), *(["-m", form] if form else []))
    assert isinstance(signers.of_file(path, never, agent), AgentKey)
    assert isinstance(signers.of_file(path.with_suffix(".pub"), never, agent), AgentKey)
    ssh.run("ssh-add", "-q", "-D", environment=agent)
    assert isinstance(signers.of_file(path, lambda _: "secret", agent), PrivateKey)
    assert isinstance(signers.of_file(path, lambda _: "secret", {}), PrivateKey)
    assert isinstance(signers.of_file(path, lambda _: "secret", {"SSH_AUTH_SOCK": "/nowhere"}), PrivateKey)
    with pytest.raises(InputError, match=r"no SSH agent holds this key\n.*ssh-add"):
        signers.of_file(path.with_suffix(".pub"), never, agent)


def test_a_key_is_found_by_its_fingerprint(agent: dict[str, str], key_files: dict[str, Path]) -> None:
    for path in key_files.values():
        ssh.add(agent, path)
    public = keys.read(key_files["ecdsa521"].with_suffix(".pub").read_text())
    assert signers.of_fingerprint(public.fingerprint, agent).public == public
    for environment in (agent, {}):
        with pytest.raises(InputError, match="no SSH agent holds the key SHA256:x"):
            signers.of_fingerprint("SHA256:x", environment)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    for name in ("key", "key.pub"):
        with pytest.raises(InputError, match="cannot be read"):
            signers.of_file(tmp_path / name, never, {})
