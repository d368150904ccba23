"""The SSH agent: a real one, and ones that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.identity import ssh

from hotfixture.errors import HotFixtureError
from hotfixture.identity import agent as agents
from hotfixture.identity import keys, signatures
from hotfixture.identity.fields import string


@pytest.mark.parametrize("name", ssh.KINDS)
def test_an_agents_key_signs_as_the_file_does(agent: dict[str, str], key_files: dict[str, Path], name: str) -> None:
    ssh.add(agent, key_files[name])
    (held,) = agents.listed(agents.address(agent))
    public = keys.read(key_files[name].with_suffix(".pub").read_text())
    assert held.public == public  # comment included
    assert signatures.verify(signatures.sign(held, b"message", "n"), b"message", "n").blob == public.blob


def test_keys_that_are_not_taken_are_passed_over(
    agent: dict[str, str], key_files: dict[str, Path], tmp_path: Path
) -> None:
    ssh.add(agent, ssh.make_key(tmp_path / "small", "rsa", "2048"))
    ssh.add(agent, key_files["ecdsa384"])
    assert [key.public.kind for key in agents.listed(agents.address(agent))] == ["ecdsa-sha2-nistp384"]


def test_a_locked_agent_and_one_that_is_gone_say_so(agent: dict[str, str], key_files: dict[str, Path]) -> None:
    ssh.add(agent, key_files["ed25519"])
    (held,) = agents.listed(agents.address(agent))
    ssh.run("ssh-add", "-q", "-D", environment=agent)
    with pytest.raises(HotFixtureError, match="refused"):
        held.sign(b"data")
    assert agents.listed(agents.address(agent)) == []
    with pytest.raises(HotFixtureError, match="does not answer: No such file"):
        agents.listed(agent["SSH_AUTH_SOCK"] + "x")


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """An agent that answers everything with these bytes and hangs up; its address."""
    with TemporaryDirectory(prefix="hfa") as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        server.listen()

        def answer_one() -> None:
            with server.accept()[0] as peer:
                peer.recv(1000)
                peer.sendall(answer)

        thread = threading.Thread(target=answer_one)
        thread.start()
        yield f"{folder}/s"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "broke off"),
        (b"\0\0", "broke off"),
        (b"\0\0\0\5\x0c\0", "broke off"),
        (b"\0\0\0\0", "0 bytes"),
        (b"\xff\xff\xff\xff", "4294967295 bytes"),
        (string(b"\x0e" + string(b"x")), "message 14"),
        (string(b"\x0c\xff\xff\xff\xff"), "4294967295 keys"),
        (string(b"\x0c\0\0\0\1"), "cut off"),
        (string(b"\x0c\0\0\0\0more"), "4 bytes too many"),
    ],
)
def test_an_answer_that_is_none_is_refused(answer: bytes, said: str) -> None:
    with answering(answer) as where, pytest.raises(HotFixtureError, match=said):
        agents.listed(where)


def test_an_agent_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "QUICK", 0.05)
    with TemporaryDirectory(prefix="hfa") as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        server.listen()
        with pytest.raises(HotFixtureError, match="does not answer: timed out"):
            agents.listed(f"{folder}/s")


def test_without_the_variable_there_is_no_agent() -> None:
    assert agents.address({}) == ""
    assert agents.address({"SSH_AUTH_SOCK": "x"}) == "x"
