"""The command completion, in the shells themselves: what Tab makes of a line."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.forking import CAN_FORK, stand_ins

from hotfixture.cli import completion, output
from hotfixture.cli.hfit import hfit
from hotfixture.cli.mockcraft import mockcraft

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the shells of POSIX")

SCHEMA = """
tables:
  users:
    count: 10
    columns: {id: {type: integer, primary_key: true, generator: sequence}}
  orders:
    count: 20
    columns: {id: {type: integer, primary_key: true, generator: sequence}}
"""
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(mockcraft completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -D -u; eval "$(mockcraft completion zsh)"'),
}


def missing(shell: str) -> str:
    """Why a shell cannot be tried here; nothing where it can."""
    if os.name == "nt" or not shutil.which(shell):
        return f"{shell} is not installed"
    if shell == "bash":
        version = 'echo "$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))"'
        found = subprocess.run(["bash", "-c", version], capture_output=True, text=True, check=True).stdout
        return "" if int(found) >= 404 else "bash is older than 4.4 (macOS has 3.2)"
    return ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SCHEMA)
    return tmp_path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    path = os.pathsep.join([str(stand_ins() if CAN_FORK else Path(sys.executable).parent), os.environ["PATH"]])
    return {"PATH": path, "HOME": str(tmp_path), "TERM": "dumb", "PS1": "> ", "LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize("group", [hfit, mockcraft], ids=lambda group: group.name)
@pytest.mark.parametrize("shell", completion.SHELLS)
def test_every_shell_accepts_its_script(group, shell, environment, capsys):
    assert output.run(group, ["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_{group.name.upper()}_COMPLETE" in script
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def offered(words: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """What bash's own function puts up for the last word of a line."""
    script = (
        'eval "$(mockcraft completion bash)"; eval "$(hfit completion bash)"\n'
        f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        f'_{words.split(maxsplit=1)[0]}_completion {words.split(maxsplit=1)[0]}; printf "%s\\n" "${{COMPREPLY[@]}}"\n'
    )
    run = ["bash", "--norc", "--noprofile", "-c", script]
    return subprocess.run(
        run, cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout.split()  # fmt: skip


@pytest.mark.skipif(bool(missing("bash")), reason="no bash of 4.4 or newer")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mockcraft row shop.yaml ''", {"users", "orders"}),
        ("mockcraft row shop.yaml us", {"users"}),
        ("mockcraft seed --output p", {"parquet"}),
        ("mockcraft generate blood_t", {"blood_type"}),
        ("mockcraft generate bloodt", {"blood_type"}),
        ("mockcraft generators health.blood_t", {"health.blood_type"}),
        ("mockcraft intro", {"introspect"}),
        ("mockcraft completion z", {"zsh"}),
        ("hfit insp", {"inspect"}),
        ("hfit inspect --names", {"--names-only"}),
    ],
)
def test_commands_types_tables_and_formats_are_offered(words, expected, folder, environment):
    assert set(offered(words, folder, environment)) == expected


@pytest.mark.parametrize("text", [None, "tables: [", "tables: {users: {columns: {id: {type: nonsense}}}}"])
def test_a_schema_that_cannot_be_read_offers_no_tables_and_says_nothing(text, tmp_path, environment):
    if text:
        (tmp_path / "bad.yaml").write_text(text)
    line = {**environment, "COMP_WORDS": "mockcraft row bad.yaml ", "COMP_CWORD": "3"}
    line["_MOCKCRAFT_COMPLETE"] = "bash_complete"
    done = subprocess.run(["mockcraft"], cwd=tmp_path, env=line, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("", "")


@pytest.mark.parametrize("shell", START)
def test_tab_completes_the_table_and_the_line_then_runs(shell, folder, environment):
    if why := missing(shell):
        pytest.skip(why)
    command, setup = START[shell]
    screen = Screen(command, folder, environment)
    try:
        screen.type(f"{setup}; echo rea''dy\n", until="ready")
        screen.type("mockcraft row shop.yaml use\t", until="users ")
        assert '"id": 1' in screen.type("0\n", until="}")
    finally:
        screen.close()


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_offers_the_tables_with_their_sizes(folder, environment):
    line = "mockcraft completion fish | source; complete -C 'mockcraft row shop.yaml '"
    run = ["fish", "--no-config", "-c", line]
    done = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert {"users\t10 rows", "orders\t20 rows"} <= set(done.stdout.splitlines())


class Screen:
    """A shell on a terminal of its own."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.terminal, theirs = os.openpty()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment, start_new_session=True
        )
        os.close(theirs)

    def type(self, keys: str, *, until: str) -> str:
        """What the shell shows after the keys, as soon as `until` is in it."""
        os.write(self.terminal, keys.encode())
        shown = ""
        for part in self._parts(time.monotonic() + 30):
            shown += part
            if until in shown:
                return shown
        raise AssertionError(f"{until!r} never came: {shown!r}")

    def _parts(self, end: float) -> Iterator[str]:
        while (left := end - time.monotonic()) > 0:
            if select.select([self.terminal], [], [], left)[0]:
                yield os.read(self.terminal, 65_536).decode(errors="replace")

    def close(self) -> None:
        os.close(self.terminal)
        self.process.kill()
        self.process.wait()
