"""The command hfit: what it prints where, what it leaves, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.engines import SHOP, Anywhere, anywhere
from tests.plans.market import CUSTOMERS, SCHEMA, market, template
from tests.servers import rows, run_script

from hotfixture.cli import output
from hotfixture.cli.hfit import hfit

__all__ = ["anywhere"]
PROGRAM = "import sys; from hotfixture.cli.hfit import main; main()"
KEY = bytes(range(32)).hex()
MARKET = SCHEMA + CUSTOMERS


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own, with a key that masks and nothing else of the environment."""
    for name in [name for name in os.environ if name.startswith("HFIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HFIT_MASKING_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path.parent / f"{tmp_path.name}-config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shop(place: Path) -> list[str]:
    """The arguments that run the market's template."""
    return [str(template(place, MARKET)), "--provider", f"SHOP={market(place)}"]


class Said:
    """What a command line printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]):
    """Runs a command line in this process."""

    def call(*arguments: str | Path) -> Said:
        code = output.run(hfit, [str(argument) for argument in arguments])
        return Said(code, *capfd.readouterr())

    return call


def process(*arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=False, **more)  # type: ignore[call-overload,no-any-return]  # as given


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("incident.yaml", "market.db"))


# The output rule


def test_what_is_no_terminal_gets_the_script_and_the_file_stands_there_too(shop: list[str], place: Path, call) -> None:
    shown = call("run", *shop)
    assert shown.code == 0
    assert shown.out == (place / "incident.sql").read_text()
    assert names(place) == ["incident.sql"]
    assert "6 rows of 3 tables" in shown.err


def test_a_dash_gives_the_script_alone(shop: list[str], place: Path, call) -> None:
    shown = call("run", *shop, "-o", "-")
    assert shown.out.startswith("-- incident")
    assert names(place) == []
    assert "standard output" in shown.err


@pytest.mark.parametrize("name", ["package", "package/", "x.sql", "p.tar.gz", "p.tar.zst", "p.zip", "new/deep/x.sql"])
def test_a_named_place_is_the_only_one(shop: list[str], place: Path, call, name: str) -> None:
    shown = call("run", *shop, "-o", name)
    assert (shown.code, shown.out) == (0, "")
    assert names(place) == [Path(name).parts[0]]
    if not name.endswith(".sql"):
        assert call("verify", name).out == f"{Path(name)}: 2 files as the manifest says, 6 rows\n"


def test_files_beside_the_script_make_a_folder_of_the_template_s_name(place: Path, call) -> None:
    path = template(place, MARKET, rest="formats: [csv]\n")
    shown = call("run", path, "--provider", f"SHOP={market(place)}")
    assert names(place) == ["incident", "incident.sql"]
    assert shown.out == (place / "incident.sql").read_text()
    assert call("verify", "incident").code == 0


def test_the_manifest_can_be_printed_where_the_script_is_not(shop: list[str], place: Path, call) -> None:
    assert json.loads(call("run", *shop, "-o", "package", "--json").out)["scan"]["found"] == 0
    assert call("run", *shop, "--json").code == 2
    assert call("run", *shop, "--json", "-o", "-").code == 2
    assert names(place) == ["package"]


def test_a_pipe_fills_a_database_of_each_engine(anywhere: Anywhere, place: Path) -> None:
    (place / "t.yaml").write_text(
        "templateName: t\nparameters: {ids: list[integer]}\nexports:\n"
        "  s: {type: subset, provider: P, root: customers, where: 'id IN (${ids})', include: all}\n"
        "  schema: {type: ddl, provider: P, option: drop-create}\nmasks: {customers.email: email}\n"
    )
    target = anywhere.fresh()
    for _ in range(2):  # drop-create loads again and again
        done = process("run", "t.yaml", "--provider", f"P={anywhere.shared(SHOP)}", "ids=1,3")
        assert done.returncode == 0
        run_script(target, done.stdout)
    assert rows(target, "SELECT id, status FROM customers ORDER BY id") == [(1, "active"), (3, None)]
    assert rows(target, "SELECT count(*) FROM order_lines")[0][0] == 4
    assert "realmail" not in str(rows(target, "SELECT email FROM customers"))
    assert b"s3cret" not in done.stdout + done.stderr


def test_a_shell_s_pipe_into_sqlite3_works(shop: list[str], place: Path) -> None:
    hfit_ = f'"{sys.executable}" -c "{PROGRAM}" run "{shop[0]}" --provider "{shop[2]}"'
    subprocess.run(f"{hfit_} | sqlite3 -bail new.db", shell=True, check=True, capture_output=True)
    with closing(sqlite3.connect(place / "new.db")) as connection:
        assert connection.execute("SELECT count(*) FROM lines").fetchone() == (3,)


# How it ends


def test_a_reader_that_goes_away_ends_it_quietly(place: Path) -> None:
    with closing(sqlite3.connect(place / "market.db")) as connection:
        many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 8000)"
        connection.executescript(f"CREATE TABLE n AS {many} SELECT x, printf('%01000d', x) AS v FROM c")
    path = template(place, "  n: {provider: SHOP, query: SELECT * FROM n}\n", masks={})
    url = f"SHOP=sqlite:///{place / 'market.db'}"
    command = [sys.executable, "-c", PROGRAM, "run", str(path), "--provider", url, "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141
    assert names(place) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_nothing_stays_of_a_run_that_is_told_to_end(place: Path, name: str, code: int) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    with closing(sqlite3.connect(place / "market.db")) as connection:
        connection.executescript(
            "CREATE TABLE n (id INTEGER PRIMARY KEY, v TEXT);"
            f"INSERT INTO n SELECT x, printf('%0200d', x) FROM ({endless} LIMIT 400000)"
        )
    path = template(place, "  s: {type: subset, provider: SHOP, root: n}\n", masks={})
    program = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {PROGRAM}"
    arguments = ["run", str(path), "--provider", f"SHOP=sqlite:///{place / 'market.db'}", "-o", "package"]
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 20
        while not names(place) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert names(place)  # it has begun
        running.send_signal(signal.Signals[name])
        assert running.stderr
        assert b"Traceback" not in running.stderr.read()
    assert running.returncode == code
    assert names(place) == []


@pytest.mark.servers
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_query_that_gives_no_row_for_long_ends_at_once_and_on_the_server_too(
    place: Path, postgresql_url: str, name: str, code: int
) -> None:
    slow = (
        "SELECT a.n FROM generate_series(1, 1000000) AS a(n), generate_series(1, 1000000) AS b(n) WHERE a.n + b.n < 0"
    )
    path = template(place, f"  q: {{type: query, provider: P, table: t, query: '{slow}'}}\n", masks={})
    program = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {PROGRAM}"
    arguments = ["run", str(path), "--provider", f"P={postgresql_url}", "-o", "package"]
    running_there = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%{slow[:30]}%'"
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 20
        while rows(postgresql_url, running_there) != [(1,)] and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert rows(postgresql_url, running_there) == [(1,)]
        running.send_signal(signal.Signals[name])
        begun = time.monotonic()
        try:
            assert running.wait(10) == code
        finally:
            running.kill()
        assert time.monotonic() - begun < 5
        assert running.stderr
        assert b"Traceback" not in running.stderr.read()
    assert rows(postgresql_url, running_there) == [(0,)]
    assert names(place) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"--provider": "SHOP=sqlite:///nothing.db"}, 2),
        ({"--provider": "SHOP=postgresql://u:s3cretpw@127.0.0.1:1/x"}, 1),
        ({"--provider": "SHOP=oracle://u:s3cretpw@127.0.0.1:1/x"}, 2),
        ({"--provider": "postgresql://u:s3cretpw@127.0.0.1:1/x?y=z"}, 2),
        ({"--key-file": "nothing"}, 2),
        ({"--policy": "nothing"}, 2),
        ({"-o": "market.db/x.sql"}, 1),
        ({"-o": "market.db"}, 2),
        ({"-o": "x.rar"}, 2),
        ({"--explain-rows": "nowhere/x"}, 1),
        ({"": "unknown=1"}, 2),
        ({"": "mysql://u:s3cretpw@h/x?y=z"}, 2),
    ],
)
def test_every_failure_has_its_code_says_no_secret_and_leaves_nothing(
    shop: list[str], place: Path, call, change: dict[str, str], code: int
) -> None:
    for option, value in change.items():
        shop = [shop[0], option, value] if option == "--provider" else [*shop, *filter(None, (option, value))]
    shown = call("run", *shop)
    assert shown.code == code
    assert shown.out == ""
    assert shown.err.strip()
    assert "s3cretpw" not in shown.err
    assert "Traceback" not in shown.err
    assert names(place) == []


def test_what_the_rules_forbid_ends_with_3_and_a_damaged_package_with_4(shop: list[str], place: Path, call) -> None:
    call("run", *shop, "-o", "package")
    (place / "package" / "incident.sql").write_text("")
    shown = call("verify", "package")
    assert shown.code == 4
    assert shown.err == "hfit: package: incident.sql: changed\n"
    path = template(place, '  q: {provider: SHOP, query: "SELECT upper(email) AS e FROM customers"}\n')
    shown = call("run", path, *shop[1:])
    assert shown.code == 3
    assert "incident.yaml:3:" in shown.err
    (place / "policy.yaml").write_text("default: deny\nrules: [{match: '*.email', mask: email}]\n")
    template(place, MARKET)
    shown = call("plan", *shop, "--policy", "policy.yaml")
    assert shown.code == 3
    assert len(shown.err.splitlines()) > 5  # every column at once


def test_a_leak_ends_with_3_names_the_place_and_no_value(shop: list[str], place: Path, call) -> None:
    with closing(sqlite3.connect(place / "market.db")) as connection, connection:
        connection.execute("UPDATE lines SET item = 'for w.oberhuber@realmail.com' WHERE order_id = 11")
    shown = call("run", *shop, "-o", "package")
    assert shown.code == 3
    assert "lines.item" in shown.err
    assert "oberhuber" not in shown.err
    assert names(place) == []


def test_a_traceback_is_for_those_who_ask(shop: list[str], call) -> None:
    assert "Traceback" not in call("run", *shop, "unknown=1").err
    assert "Traceback" in call("run", *shop, "unknown=1", "--debug").err


# Keys


def test_keys_come_from_the_environment_a_file_or_are_made_once(
    shop: list[str], place: Path, call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_environment = call("run", *shop, "-o", "-").out
    (place / "masking.key").write_text(KEY)
    (place / "masking.key").chmod(0o600)
    monkeypatch.setenv("HFIT_MASKING_KEY", "ff" * 8 + "0123456789abcdef" * 3)
    assert call("run", *shop, "-o", "-").out != from_environment
    assert call("run", *shop, "-o", "-", "--key-file", "masking.key").out == from_environment
    monkeypatch.delenv("HFIT_MASKING_KEY")
    first, second = call("plan", *shop), call("run", *shop, "-o", "-")
    assert "A masking key of your own was made in" in first.err
    assert "was made" not in second.err
    key = Path(os.environ["XDG_CONFIG_HOME"], "hotfixture", "masking.key")
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().strip() not in first.out + second.out + first.err


def test_a_key_is_never_shown(shop: list[str], call, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (KEY[:-2], KEY + "zz", "00" * 32):
        monkeypatch.setenv("HFIT_MASKING_KEY", wrong)
        shown = call("run", *shop, "-o", "-")
        assert shown.code == 2
        assert wrong not in shown.err


# What it shows


def test_columns_that_look_sensitive_and_pass_are_warned_of(place: Path, call) -> None:
    path = template(place, MARKET, masks={"customers.email": "email"})
    shown = call("run", path, "--provider", f"SHOP={market(place)}", "-o", "-")
    assert "warning: customers.phone looks like" in shown.err
    assert "customers.email" not in shown.err
    assert "warning" not in shown.out


def test_reasons_go_into_a_file_of_their_own(shop: list[str], place: Path, call) -> None:
    call("run", *shop, "-o", "package", "--explain-rows", "why.txt")
    lines = (place / "why.txt").read_text().splitlines()
    assert len(lines) == 6
    assert lines[0] == "customers(1): root"


def test_a_plan_shows_samples_and_files_beside_the_script(place: Path, call) -> None:
    rows = "  q: {provider: SHOP, query: SELECT id FROM orders, formats: {parquet: {row_group: 7}}}\n"
    path = template(place, rows + "  s: {type: subset, provider: SHOP, root: orders}\n", masks={})
    shown = call("plan", path, "--provider", f"SHOP={market(place)}", "sample_rate=0.5").out
    assert "a sample, 0.5 of these rows, each by itself" in shown
    assert "also as parquet, row_group 7" in shown
    assert "from orders, a sample, 0.5 of these rows" in shown


def test_a_plan_shows_bound_sql_masks_and_rows_and_writes_nothing(place: Path, call) -> None:
    exports = '  customers: {provider: SHOP, query: "SELECT * FROM customers WHERE id IN (${ids})"}\n'
    path = template(place, exports, rest="parameters: {ids: list[integer]}\n")
    arguments = [path, "--provider", f"SHOP={market(place)}", "ids=1,2"]
    shown = call("plan", *arguments)
    assert shown.code == 0
    for part in ("IN (1, 2)", "email: internet.email  (template)", "about 2 rows", "ids = [1, 2]"):
        assert part in shown.out
    plain = json.loads(call("plan", *arguments, "--json").out)
    assert plain["exports"][0]["tables"][0]["rows"] == 2
    assert plain["parameters"] == {"ids": [1, 2]}
    assert names(place) == []


def test_inspect_shows_tables_references_and_suspicions(anywhere: Anywhere, call) -> None:
    url = anywhere.shared(SHOP)
    shown = call("inspect", url)
    assert shown.code == 0
    for part in ("order_lines", "order_id, line_no", "looks sensitive", "customers.email"):
        assert part in shown.out
    assert "realmail" not in shown.out
    plain = json.loads(call("inspect", url, "--json").out)
    assert len(plain["tables"]) == 7
    assert "s3cret" not in json.dumps(plain)
    assert call("inspect", url, "--dot").out.startswith("digraph")


def test_verify_loads_into_an_empty_database_once(shop: list[str], call) -> None:
    call("run", *shop, "-o", "p.zip")
    shown = call("verify", "p.zip", "--load", "sqlite:///new.db")
    assert shown.out == "p.zip: 2 files as the manifest says, 6 rows; loaded, 3 references hold\n"
    assert call("verify", "p.zip", "--load", "sqlite:///new.db").code == 2
