"""The pytest plugin, in runs of pytest of its own: recording, playing back, fixtures, markers, other plugins."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from tests.capture.gemini_server import serving
from tests.firestore import Firestore

from hotfixture.capture import journal, retention

XDIST = ("xdist.plugin",)
OTHERS = ("pytest_recording.plugin", "pytest_socket", "syrupy")


class _Counter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        data = json.dumps({"path": self.path, "n": self.asked}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[str]:
    """The URL of a server that numbers its answers."""
    handler = type("Handler", (_Counter,), {"asked": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class Project:
    """A folder with tests, and runs of pytest in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.captures = folder / "captures"
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")

    def write(self, text: str, name: str = "test_it.py") -> None:
        """A file of tests."""
        (self.folder / name).write_text(text)

    def run(
        self, mode: str = "", *options: str, plugins: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """One run of pytest, with these plugins alone: finding all that are installed takes seconds."""
        kept = {name: one for name, one in os.environ.items() if not name.startswith(("TEST_", "PYTEST_", "COV_"))}
        kept |= {"TEST_CAPTURE_DIR": str(self.captures), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        if mode:
            kept["TEST_MODE"] = mode
        named = [word for one in ("hotfixture.pytest_plugin", *plugins) for word in ("-p", one)]
        command = [sys.executable, "-m", "pytest", *named, "-p", "no:cacheprovider", "-q", *options]
        return subprocess.run(
            command, cwd=self.folder, env=kept, capture_output=True, text=True, check=False, timeout=120
        )

    def sessions(self) -> list[retention.Kept]:
        """What was recorded."""
        return retention.sessions(self.captures)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


HTTP = """
import os
import urllib.request

def ask(path):
    with urllib.request.urlopen(os.environ["SERVICE"] + path) as answer:
        return answer.read()

def test_one():
    assert b'"/one"' in ask("/one")

def test_two():
    assert [b'"n": ' in ask("/two") for _ in range(3)] == [True] * 3

def test_none():
    pass
"""


def test_capture_records_every_test_and_changes_nothing_else(project: Project, service: str) -> None:
    project.write(HTTP)
    bare = project.run(SERVICE=service)
    done = project.run("capture", SERVICE=service)
    assert (bare.returncode, done.returncode) == (0, 0), done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert not re.search("captured", bare.stdout)
    (kept,) = project.sessions()
    assert f"4 interactions captured: {kept.path}" in done.stdout
    interactions = list(journal.read(kept.path))
    assert [one.scope for one in interactions] == ["test_it.py::test_one"] + ["test_it.py::test_two"] * 3
    assert {one.kind for one in interactions} == {"http"}


def test_replay_needs_no_network_and_gives_what_was_recorded(project: Project, service: str) -> None:
    project.write(HTTP)
    assert project.run("capture", SERVICE=service).returncode == 0
    done = project.run("replay", SERVICE=service.rpartition(":")[0] + ":1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 played" in done.stdout
    assert len(project.sessions()) == 1


def test_a_part_of_the_tests_may_be_played(project: Project, service: str) -> None:
    project.write(HTTP)
    assert project.run("capture", SERVICE=service).returncode == 0
    done = project.run("replay", "-k", "one", SERVICE=service)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 played" in done.stdout


def test_misses_and_what_was_not_played_fail_the_run(project: Project, service: str) -> None:
    project.write(HTTP)
    assert project.run("capture", SERVICE=service).returncode == 0
    project.write(HTTP.replace("range(3)", "range(2)").replace("== [True] * 3", ""))
    unplayed = project.run("replay", SERVICE=service)
    assert unplayed.returncode == 1
    assert "3 passed" in unplayed.stdout
    assert "so the run fails: record anew, or --hfit-allow names what may be" in unplayed.stdout
    assert "1 unplayed" in unplayed.stdout
    assert project.run("replay", "--hfit-allow", "unplayed", SERVICE=service).returncode == 0
    project.write(HTTP.replace("range(3)", "range(4)"))
    missed = project.run("replay", SERVICE=service)
    assert missed.returncode == 1
    assert "1 misses" in missed.stdout
    project.write("import socket\ndef test_it():\n    socket.create_connection(('127.0.0.1', 9))\n")
    blocked = project.run("replay")
    assert blocked.returncode == 1
    assert "NetworkBlockedError" in blocked.stdout


def test_replay_without_a_recording_says_so(project: Project) -> None:
    project.write("def test_it():\n    pass\n")
    done = project.run("replay")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no recording in" in done.stderr


def test_calls_that_could_not_be_recorded_fail_the_run(project: Project, service: str) -> None:
    """Case 19: the tests pass, and the exit status tells."""
    project.write(
        HTTP
        + """
def test_trouble():
    from hotfixture.capture import tapes
    tapes.current().trouble(OSError(28, "No space left on device"))
"""
    )
    done = project.run("capture", SERVICE=service)
    assert done.returncode == 1
    assert "4 passed" in done.stdout
    assert "1 calls were not recorded" in done.stdout
    assert "No space left" in done.stdout


def test_workers_of_xdist_record_into_sessions_that_are_played_together(project: Project, service: str) -> None:
    """Case 21: nothing is overwritten, and the count is exact; replay in one process or in several."""
    pytest.importorskip("xdist")
    project.write(
        HTTP
        + """
import pytest

@pytest.mark.parametrize("n", range(12))
def test_many(n):
    ask(f"/many/{n}")
"""
    )
    done = project.run("capture", "-n", "3", plugins=XDIST, SERVICE=service)
    assert done.returncode == 0, done.stdout + done.stderr
    kept = project.sessions()
    assert len(kept) == 3
    assert sum(one.count for one in kept) == 16
    assert sum(map(int, re.findall(r"(\d+) interactions captured", done.stdout))) == 16
    for options in ((), ("-n", "2"), ("--tx", "2*popen", "--dist", "load")):  # the third is how -n 2 is spelled out
        played = project.run("replay", *options, plugins=XDIST, SERVICE=service.rpartition(":")[0] + ":1")
        assert played.returncode == 0, played.stdout + played.stderr
        assert sum(map(int, re.findall(r"(\d+) played", played.stdout))) == 16


def test_groups_of_xdist_are_no_part_of_a_tests_name(project: Project, service: str) -> None:
    pytest.importorskip("xdist")
    project.write(HTTP.replace("def test_one", "import pytest\n\n@pytest.mark.xdist_group('a')\ndef test_one"))
    options = ("-n", "2", "--dist", "loadgroup")
    assert project.run("capture", *options, plugins=XDIST, SERVICE=service).returncode == 0
    scopes = {one.scope for kept in project.sessions() for one in journal.read(kept.path)}
    assert scopes == {"test_it.py::test_one", "test_it.py::test_two"}


def test_the_contracts_fixtures_are_there_in_mock_mode(project: Project) -> None:
    project.write("""
def test_it(test_mode, service_provider, isolated_service_provider, firestore_client, gemini_client, auth_service,
            is_real_service, test_services):
    assert test_mode == "mock"
    assert not is_real_service
    assert isolated_service_provider is not service_provider
    assert test_services["firestore"] is firestore_client is test_services.firestore
    assert gemini_client.generate_content("hi").text
    assert auth_service.create_user()["uid"]

def test_modes(all_modes_service_provider):
    assert all_modes_service_provider.mode == "mock"
""")
    done = project.run()
    assert "2 passed, 3 skipped" in done.stdout, done.stdout + done.stderr
    assert "2 passed" in project.run("mock").stdout


def test_a_mode_that_is_none_is_said_by_the_fixture_and_by_the_option(project: Project) -> None:
    project.write("def test_it(test_mode):\n    pass\n\ndef test_other():\n    pass\n")
    done = project.run("unit")
    assert "1 passed, 1 error" in done.stdout
    assert "mock, real, capture, replay" in done.stdout
    assert project.run("", "--hfit-mode", "unit").returncode == pytest.ExitCode.USAGE_ERROR


def test_markers_choose_by_mode(project: Project) -> None:
    project.write("""
import pytest

@pytest.mark.mock_only
def test_mock():
    pass

@pytest.mark.real_only
def test_real():
    pass

@pytest.mark.expensive
def test_expensive():
    pass
""")
    runs = {
        "mock": ((), "2 passed, 1 skipped"),
        "real": ((), "1 passed, 2 skipped"),
        "capture": (("--hfit-expensive",), "2 passed, 1 skipped"),
    }
    for mode, (options, said) in runs.items():
        assert said in project.run(mode, *options).stdout, mode
    assert "2 passed, 1 skipped" in project.run("", "--hfit-mode", "real", TEST_EXPENSIVE="1").stdout


def test_sqlite_is_left_as_it_is_unless_it_is_asked_for(project: Project) -> None:
    project.write("""
import sqlite3

def test_it(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE t (n)")
    connection.execute("INSERT INTO t VALUES (1)")
    assert connection.execute("SELECT n FROM t").fetchall() == [(1,)]
    connection.close()
""")
    assert "0 interactions captured" in project.run("capture").stdout
    assert "1 passed" in project.run("replay").stdout
    done = project.run("capture", "--hfit-sqlite")
    assert "3 interactions captured" in done.stdout, done.stdout
    assert project.run("replay", "--hfit-sqlite").returncode == 0


def test_old_recordings_warn_or_fail_and_are_never_made_anew_in_continuous_integration(
    project: Project, service: str
) -> None:
    project.write(HTTP)
    assert project.run("capture", SERVICE=service).returncode == 0
    old = ("--hfit-max-age", "0s", "--hfit-stale")
    assert project.run("replay", "--hfit-max-age", "30d", SERVICE=service).returncode == 0
    warned = project.run("replay", *old, "warn", SERVICE=service)
    assert (warned.returncode, "StaleRecordingWarning" in warned.stderr + warned.stdout) == (0, True)
    assert project.run("replay", *old, "fail", SERVICE=service).returncode == pytest.ExitCode.USAGE_ERROR
    refused = project.run("replay", *old, "record", CI="1", SERVICE=service)
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert len(project.sessions()) == 1
    assert project.run("replay", *old, "record", CI="", SERVICE=service).returncode == 0
    assert len(project.sessions()) == 2


def test_other_recording_plugins_live_beside_it(project: Project, service: str) -> None:
    """Case 33: pytest-recording, pytest-socket, syrupy and freezegun."""
    for package in ("pytest_recording", "pytest_socket", "syrupy", "freezegun"):
        pytest.importorskip(package)
    project.write(
        HTTP
        + """
import freezegun
import pytest

@pytest.mark.vcr
def test_cassette():
    assert ask("/vcr")

def test_snapshot(snapshot):
    assert {"a": 1} == snapshot

@freezegun.freeze_time("2001-01-01")
def test_frozen():
    import datetime
    assert datetime.date.today().year == 2001
    ask("/frozen")
"""
    )
    options = ("--record-mode=once", "--snapshot-update", "--allow-hosts=127.0.0.1")
    done = project.run("capture", *options, plugins=OTHERS, SERVICE=service)
    assert done.returncode == 0, done.stdout + done.stderr
    (kept,) = project.sessions()
    frozen = next(one for one in journal.read(kept.path) if one.scope and one.scope.endswith("test_frozen"))
    assert not frozen.timestamp.startswith("2001")
    assert 0 < (frozen.duration_ms or 0) < 60_000
    options = ("--record-mode=none", "--disable-socket", "--hfit-allow", "unplayed")  # the cassette answers /vcr
    played = project.run("replay", *options, plugins=OTHERS, SERVICE=service)
    assert played.returncode == 0, played.stdout + played.stderr


def test_a_provider_captures_beside_the_run(project: Project) -> None:
    project.write("""
from hotfixture.capture import register_service

class Billing:
    def charge(self, amount):
        return {"charged": amount}

register_service("billing", real=Billing, mock=Billing)

def test_it(test_services, service_provider):
    assert test_services["billing"].charge(5) == {"charged": 5}
    assert service_provider.is_real_service
""")
    done = project.run("capture")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 interactions described: " in done.stdout
    assert [one.count for one in project.sessions()] == [1, 1], "described, and recorded so that it can be played"


def test_unused_it_imports_nothing_of_recordings(project: Project) -> None:
    project.write("""
import sys

def test_it():
    assert not [name for name in sys.modules if name.startswith("hotfixture.capture")]
    assert not {"wrapt", "msgspec", "grpc", "httpx", "numpy", "sqlglot"} & set(sys.modules)
""")
    done = project.run()
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_costs_less_than_two_milliseconds_to_import() -> None:
    code = (
        "import pytest, time; t = time.perf_counter(); import hotfixture.pytest_plugin; print(time.perf_counter() - t)"
    )
    times = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        times.append(float(done.stdout))
    assert min(times) < 0.002


def test_it_is_found_by_pytest_where_the_package_is_installed() -> None:
    found = {point.name: point.value for point in entry_points(group="pytest11")}
    assert found["hotfixture"] == "hotfixture.pytest_plugin"


SERVICES = """
from google.cloud import firestore

def test_documents(firestore_client, service_provider):
    service_provider.track_test_collection("test_people")
    people = firestore_client.collection("test_people")
    people.document("ada").set({"name": "Ada", "pages": 3})
    assert people.document("ada").get().to_dict() == {"name": "Ada", "pages": 3}
    found = people.where(filter=firestore.FieldFilter("pages", ">", 1)).stream()
    assert [one.id for one in found] == ["ada"]

def test_answers(gemini_client, test_mode):
    assert gemini_client.models.generate_content(model="m", contents="hello").text == "echo: hello"
    stream = gemini_client.models.generate_content_stream(model="m", contents="one two")
    assert [piece.text for piece in stream] == ["one", "two"]
"""


def test_firestore_and_gemini_are_played_when_emulator_and_server_are_gone(
    project: Project, firestore_server: Firestore
) -> None:
    """Case 26 and 27, by the contract's fixtures."""
    pytest.importorskip("google.cloud.firestore")
    pytest.importorskip("google.genai")
    project.write(SERVICES)
    same = {"TEST_FIRESTORE_PROJECT": firestore_server.fresh_database()}
    with serving() as url:
        done = project.run(
            "capture", FIRESTORE_EMULATOR_HOST=firestore_server.url, GOOGLE_GEMINI_BASE_URL=url,
            TEST_GEMINI_API_KEY="AIzaSy-not-a-real-key-000000000000000", **same,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 interactions described" in done.stdout
    gone = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:1"}
    played = project.run("replay", **gone, **same)
    assert played.returncode == 0, played.stdout + played.stderr
    assert "2 passed" in played.stdout
    for path in project.captures.rglob("*"):
        if path.is_file():
            assert b"AIzaSy-not-a-real" not in path.read_bytes()


def test_a_secret_in_a_tests_name_is_not_written_and_its_recordings_are_found(project: Project, service: str) -> None:
    key = "AKIAIOSFODNN7EXAMPLE"
    project.write(
        HTTP
        + f"""
import pytest

@pytest.mark.parametrize("key", ["{key}"])
def test_key(key):
    ask("/key")
    ask("/key")
"""
    )
    assert project.run("capture", SERVICE=service).returncode == 0
    for path in project.captures.rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes()
    assert project.run("replay", SERVICE=service).returncode == 0
    project.write(
        (project.folder / "test_it.py").read_text().replace('    ask("/key")\n    ask("/key")', '    ask("/key")')
    )
    assert "1 unplayed" in project.run("replay", SERVICE=service).stdout


NONCE = """
import time
from urllib.request import urlopen

def test_one():
    assert urlopen("SERVICE/one?nonce=n" + str(time.time_ns())).read()
"""


def test_noise_of_requests_is_learned_from_another_recording(project: Project, service: str) -> None:
    """Case 28, in runs of pytest: each sends a nonce of its own."""
    project.write(NONCE.replace("SERVICE", service))
    for _ in range(2):
        assert project.run("capture").returncode == 0
    first = retention.sessions(project.captures)[0].id
    strict = project.run("replay")
    assert strict.returncode != 0
    assert "query" in strict.stdout
    assert project.run("replay", "--hfit-learn-from", first).returncode == 0
