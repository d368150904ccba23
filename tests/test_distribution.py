"""Image, compose file and release say what is there: every path, setting, command and route in them exists.

No docker is needed: what the files say is held against the project, and their commands run outside of an image.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from tests.test_wheel import build, contents

from hotfixture.cli.hfitd import hfitd
from hotfixture.server import settings
from hotfixture.server.gateway import setup
from hotfixture.server.gateway.run import check
from hotfixture.server.gateway.settings import DaemonSettings

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RELEASE = ROOT / ".github" / "workflows" / "release.yml"
IMAGE = re.compile(r"[a-z/]+:\d[\w.-]*")


def instructions() -> list[tuple[str, str]]:
    """The lines of the Dockerfile: word and rest, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def last_stage() -> dict[str, list[str]]:
    """What the image itself says, by instruction."""
    lines = instructions()
    begin = max(number for number, (word, _) in enumerate(lines) if word == "FROM")
    found: dict[str, list[str]] = {}
    for word, rest in lines[begin:]:
        found.setdefault(word, []).append(rest)
    return found


def environment_of_image() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in last_stage()["ENV"] for pair in shlex.split(line))


def copied() -> set[str]:
    """What the Dockerfile takes out of the project's folder."""
    words = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
    return {source for line in words if not line[0].startswith("--from") for source in line[:-1]}


def allowed() -> set[str]:
    """What .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


# ---- the image


def test_docker_is_given_what_the_image_takes_and_nothing_else():
    assert copied() == allowed()
    assert all((ROOT / name).exists() for name in copied())


def test_what_the_image_takes_is_enough_to_build_the_wheel(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    made = contents(build("wheel", source, tmp_path / "made"))
    assert {name for name in made if ".dist-info" not in name} == {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "hotfixture").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_the_image_is_pinned_and_of_a_python_that_is_promised():
    words = dict(rest.split("=", 1) for word, rest in instructions() if word == "ARG")
    bases = {rest.split()[0].replace("${PYTHON}", words["PYTHON"]) for word, rest in instructions() if word == "FROM"}
    assert [base for base in bases if not IMAGE.fullmatch(base)] == []
    assert f"Programming Language :: Python :: {words['PYTHON']}" in PROJECT["classifiers"]


def test_the_image_s_pins_are_those_of_extras_that_exist():
    (recipe,) = re.findall(r"^pins:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    found = re.findall(r"--extra (\w+)", recipe)
    assert "all" in found
    assert set(found) <= set(PROJECT["optional-dependencies"])


def test_the_image_runs_our_server_as_nobody_who_is_root():
    stage = last_stage()
    user, group = map(int, stage["USER"][-1].split(":"))
    assert user > 0
    assert group > 0
    (entry,) = json.loads(stage["ENTRYPOINT"][0])
    assert entry in PROJECT["scripts"]
    assert json.loads(stage["CMD"][0]) == ["server"]


def test_the_image_is_configured_by_settings_that_exist():
    own = {
        name: value for name, value in environment_of_image().items() if name.startswith(settings.ServerSettings.PREFIX)
    }
    names = {settings.ServerSettings.PREFIX + field.name.upper() for field in settings.described()}
    assert set(own) <= names
    found = settings.load(environment=own)
    assert (found.host, str(found.port)) == ("0.0.0.0", last_stage()["EXPOSE"][0])
    assert found.data is not None
    assert found.data.as_posix() == last_stage()["VOLUME"][0]


def health() -> list[str]:
    """The words of the image's health check."""
    words: list[str] = json.loads(last_stage()["HEALTHCHECK"][0].partition("CMD ")[2])
    assert words[0] == "python"
    return [sys.executable, *words[1:]]


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """The port of a running server."""
    with running(
        folder, "mockcraft", "server", "--port", "0", "--data", str(folder / "jobs"), "--workers", "0"
    ) as port:
        yield port


@contextmanager
def running(folder: Path, command: str, *options: str, environment: dict[str, str] | None = None) -> Iterator[int]:
    """The port of a server that a command starts."""
    words = [sys.executable, "-c", f"from hotfixture.cli.{command} import main; main()", *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stderr=log, env=environment)
    try:
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            if found := re.search(r'"port": ?(\d+)', (folder / "log").read_text(encoding="utf-8")):
                break
            time.sleep(0.05)
        else:
            raise AssertionError((folder / "log").read_text(encoding="utf-8"))
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(60)


def test_the_health_check_succeeds_while_the_server_runs_and_fails_afterwards(tmp_path):
    with server(tmp_path) as port:
        environment = {**os.environ, "MOCKCRAFT_PORT": str(port)}
        assert subprocess.run(health(), env=environment, check=False).returncode == 0
    assert subprocess.run(health(), env=environment, capture_output=True, check=False).returncode == 1


# ---- compose


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_compose_configures_the_server_by_settings_that_exist():
    services = compose()["services"]
    given = {
        name: re.sub(r"\$\{\w+:\?[^}]*\}", "word", value) for name, value in services["server"]["environment"].items()
    }
    found = settings.load(environment={**environment_of_image(), **given})
    hosts = [re.search(r"(?:@|//)(\w+)(?::\d+)?/", url) for url in (found.store, found.rate_store)]
    assert [host and host[1] for host in hosts] == ["jobs", "limits"]
    assert found.shutdown < float(services["server"]["stop_grace_period"].removesuffix("s"))


def test_compose_waits_for_what_the_server_needs_and_shows_nothing_to_the_network():
    services = compose()["services"]
    for needed, how in services["server"]["depends_on"].items():
        assert how == {"condition": "service_healthy"}
        assert services[needed]["healthcheck"]["test"][0] == "CMD"
        assert "ports" not in services[needed]
        assert IMAGE.fullmatch(services[needed]["image"])
    assert all(port.startswith("127.0.0.1:") for port in services["server"]["ports"])


def test_compose_keeps_what_must_outlive_a_container():
    found = compose()
    mounted = {line.split(":")[0] for service in found["services"].values() for line in service.get("volumes", ())}
    assert mounted == set(found["volumes"])
    assert f"files:{last_stage()['VOLUME'][0]}" in found["services"]["server"]["volumes"]


# ---- compose of the daemon


def gateway() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.gateway.yaml").read_text(encoding="utf-8"))
    return found


def environment_of_gateway(folder: Path, service: str) -> dict[str, str]:
    """What a service's process finds, with the files of `hfitd init` where the compose file mounts them."""
    mounted = dict(line.split(":")[:2] for line in gateway()["services"][service]["volumes"])
    assert mounted["./hfitd"] == "/etc/hfitd"
    if not folder.exists():
        setup.init(folder)
    given = gateway()["services"][service]["environment"]
    words = {name: re.sub(r"\$\{\w+:\?[^}]*\}", "word", value) for name, value in given.items()}
    words = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in words.items()}
    return {name: value.replace("/etc/hfitd", str(folder)) for name, value in words.items()}


@pytest.mark.parametrize("service", ["daemon", "worker"])
def test_the_daemon_s_compose_file_has_settings_that_exist_and_makes_it_safe_to_listen(service, tmp_path):
    found = settings.load(environment=environment_of_gateway(tmp_path / "hfitd", service), form=DaemonSettings)
    hosts = [re.search(r"(?:@|//)(\w+)(?::\d+)?/", url) for url in (found.store, found.rate_store)]
    assert [host and host[1] for host in hosts] == ["store", "rates"]
    assert found.folder.as_posix() == last_stage()["VOLUME"][0]
    assert found.seal_key
    assert found.seal_key.is_file()
    check(found)
    (port,) = gateway()["services"]["daemon"]["ports"]
    assert found.url == f"http://localhost:{port.split(':')[1]}"
    grace = gateway()["services"][service]["stop_grace_period"]
    assert found.shutdown < float(grace.removesuffix("s"))


def test_the_daemon_s_compose_file_runs_commands_that_there_are_as_nobody_who_may_change_the_image():
    for name in ("daemon", "worker"):
        service = gateway()["services"][name]
        assert service["entrypoint"] == ["hfitd"]
        assert hfitd.get_command(click.Context(hfitd), service["command"][0])
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "./hfitd:/etc/hfitd:ro" in service["volumes"]


def test_the_daemon_s_compose_file_waits_for_what_it_needs_and_shows_nothing_to_the_network():
    services = gateway()["services"]
    for name in ("daemon", "worker"):
        for needed, how in services[name]["depends_on"].items():
            assert how == {"condition": "service_healthy"}
            assert services[needed]["healthcheck"]["test"][0] == "CMD"
            if needed != "daemon":
                assert "ports" not in services[needed]
                assert IMAGE.fullmatch(services[needed]["image"])
    assert all(port.startswith("127.0.0.1:") for port in services["daemon"]["ports"])
    assert "ports" not in services["worker"]


def test_the_daemon_s_compose_file_keeps_what_must_outlive_a_container():
    found = gateway()
    mounted = {line.split(":")[0] for service in found["services"].values() for line in service.get("volumes", ())}
    assert mounted - {"./hfitd"} == set(found["volumes"])
    files = f"files:{last_stage()['VOLUME'][0]}"
    assert all(files in found["services"][name]["volumes"] for name in ("daemon", "worker"))


def test_the_daemon_s_health_check_succeeds_while_it_runs_and_fails_afterwards(tmp_path):
    """As the compose file starts it; its store and port are the test's own."""
    own = environment_of_gateway(tmp_path / "hfitd", "daemon") | {
        "HFITD_STORE": "", "HFITD_RATE_STORE": "", "HFITD_DATA": str(tmp_path / "data"), "HFITD_PORT": "0",
        "HFITD_WORKERS": "0", "HFITD_HOST": "127.0.0.1",
    }  # fmt: skip
    service = gateway()["services"]["daemon"]
    words = service["healthcheck"]["test"][1:]
    assert words[0] == "python"
    listens = service["environment"]["HFITD_PORT"]
    assert service["ports"] == [f"127.0.0.1:{listens}:{listens}"]
    with running(tmp_path, "hfitd", *service["command"], environment={**os.environ, **own}) as port:
        line = [sys.executable, *(word.replace(f":{listens}/", f":{port}/") for word in words[1:])]
        assert subprocess.run(line, check=False).returncode == 0
    assert subprocess.run(line, capture_output=True, check=False).returncode == 1


# ---- the release


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(RELEASE.read_text(encoding="utf-8"))["jobs"]
    return found


def test_every_promised_system_has_its_binary():
    made = {entry["system"] for entry in jobs()["binary"]["strategy"]["matrix"]["include"]}
    assert made == {"linux-amd64", "linux-arm64", "macos-amd64", "macos-arm64", "windows-amd64"}


def test_only_the_job_that_makes_the_draft_may_write():
    for file in RELEASE.parent.glob("*.yml"):
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    assert {name for name, job in jobs().items() if "permissions" in job} == {"draft"}
    assert not [step for step in jobs()["draft"]["steps"] if "checkout" in step.get("uses", "")]
    assert set(jobs()["draft"]["needs"]) == set(jobs()) - {"draft"}


def test_no_step_runs_words_that_somebody_else_writes():
    """A name of a branch or tag in a script would be run as a command; through the environment it is a text."""
    for file in RELEASE.parent.glob("*.yml"):
        for job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values():
            assert [step["run"] for step in job["steps"] if "${{" in step.get("run", "")] == []


def test_the_files_that_the_release_runs_exist():
    runs = [step["run"] for job in jobs().values() for step in job["steps"] if "run" in step]
    named = {word for run in runs for word in re.findall(r"(?:tools|tests|src)/[\w/.]+", run)}
    assert {"tools/binary/build.py", "tests/test_binary.py", "tests/test_wheel.py"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_what_is_uploaded_is_what_is_built():
    """The names that build.py gives, against the patterns of the workflow."""
    (step,) = (step for step in jobs()["binary"]["steps"] if "upload" in step.get("uses", ""))
    patterns = step["with"]["path"].split()
    for suffix in ("tar.gz", "zip", "tar.gz.sha256"):
        assert any(fnmatch(f"dist/hotfixture-0.1.0-linux-amd64.{suffix}", pattern) for pattern in patterns)


def pinned() -> dict[str, int]:
    """The packages that the image installs, each with its number of digests."""
    text = (ROOT / "tools" / "image" / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+ .*\n((?:    --hash.*\n)+)", text, flags=re.MULTILINE)
    return {name: hashes.count("--hash=sha256:") for name, hashes in blocks}


def test_the_image_installs_nothing_that_is_not_pinned_by_version_and_digest() -> None:
    assert any("--require-hashes" in rest for word, rest in instructions() if word == "RUN")
    lines = (ROOT / "tools" / "image" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line and line[0] not in " #"]
    assert len(named) == len(pinned())
    assert all(pinned().values())


def test_the_pins_cover_every_package_that_the_project_asks_for() -> None:
    extras = PROJECT["optional-dependencies"]
    names = re.findall(r"[a-z]+", re.findall(r"\[(.*)\]", extras["all"][0])[0])
    asked = [*PROJECT["dependencies"], *(line for name in [*names, "sentry"] for line in extras[name])]
    wanted = {
        re.split(r"[\[<>=;~! ]", line)[0] for line in asked if "win32'" not in line or "!=" in line.split(";")[-1]
    }
    assert wanted - {"hotfixture"} <= set(pinned())
