"""Both roads from end to end: a masked slice of production through the daemon, and a shop from nothing; `make demo`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import shop
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.text import Text

import hotfixture
from hotfixture.plans.seed.calls import compare

HERE = Path(__file__).parent
FOLDER = HERE.parent / "demo"
DAEMON = FOLDER / "hfitd"
DESK = FOLDER / "desk"
"""What would be the developer's home: key, configuration, session."""
TEMPLATE = HERE / "payment-incident.yaml"
SCHEMA = HERE / "seed" / "shop.yaml"
KEY = "9f2b6c1d84e07a53b1c8f4e62d975a0e3f18c7b6a5d4e2f10918273645546372"  # a demonstration's, never yours
DEVELOPER = "dev@example.com"
WINDOW = ("start_time=2024-03-01 00:00:00", "end_time=2024-09-30 23:59:59")
SENSITIVE = {
    "customers": ("first_name", "last_name", "email", "phone"),
    "payment_methods": ("card_number", "iban"),
    "employees": ("full_name", "email"),
}
SHOWN = {
    "customers": ("first_name", "last_name", "email", "phone", "status", "preferences"),
    "addresses": ("street",),
    "payment_methods": ("card_number",),
    "orders": ("created_at",),
    "support_notes": ("body",),
}

console = Console(width=min(Console().width, 150), highlight=False)


def main() -> int:
    """Build, serve, ask, show, prove; the exit code."""
    began = time.perf_counter()
    FOLDER.mkdir(exist_ok=True)
    production = FOLDER / "production.db"
    customer = built(production)
    step("2. A daemon beside it", str(DAEMON.relative_to(FOLDER.parent)))
    set_up(production)
    with serving() as url:
        made = asked(url, customer)
    holds = proven(production, made)
    holds = invented() and holds
    step("6. Now you", f"({time.perf_counter() - began:.1f} s)")
    for line in NEXT:
        console.print(Text(f"   {line}", style="cyan"), soft_wrap=True)
    return 0 if holds else 1


def built(production: Path) -> int:
    """Make the shop's database where it is not there yet; a customer who fits the story."""
    step("1. A shop's production database", str(production.relative_to(FOLDER.parent)))
    if not production.exists():
        aside = production.with_suffix(".part")
        aside.unlink(missing_ok=True)
        shop.build(aside)
        aside.replace(production)
    with closing(connect(production)) as source:
        rows = sum(count(source, table) for table in tables(source))
        kinds = "customers, cards, orders, notes in prose, JSON"
        console.print(f"   {rows:,} rows in {len(tables(source))} tables: {kinds}")
        return affected(source)


# ---- the daemon's side


def set_up(production: Path) -> None:
    """Settings, keys, a drafted policy, a developer with a fresh key: each by the command that people use."""
    for folder in (DAEMON, DESK):
        shutil.rmtree(folder, ignore_errors=True)
    DESK.mkdir()
    run("hfitd", "init", str(DAEMON))
    (DAEMON / "keys" / "masking.key").write_text(KEY + "\n", encoding="utf-8")  # the same data in every demo
    settings = DAEMON / "hfitd.yaml"
    text = settings.read_text(encoding="utf-8")
    provider = f'providers:\n  SHOP: {{url: "sqlite:///{production.as_posix()}", teams: [payments]}}\n'
    assert "providers: {}\n" in text
    settings.write_text(text.replace("providers: {}\n", provider), encoding="utf-8")
    policy = run("hfitd", "classify", "SHOP")
    (DAEMON / "masking.yaml").write_text(policy, encoding="utf-8")
    say("hfitd classify SHOP > masking.yaml", f"{policy.count('mask: ')} columns look sensitive, each with evidence")
    write_key(DESK / "id_ed25519")
    run("hfitd", "user", "add", DEVELOPER, "--key", str(DESK / "id_ed25519.pub"), "--team", "payments")
    say(f"hfitd user add {DEVELOPER} --key …", "a developer of the team payments")


def write_key(path: Path) -> None:
    """A fresh Ed25519 key in OpenSSH's form, as `ssh-keygen` makes one; the public half beside it."""
    key = Ed25519PrivateKey.generate()
    form, none = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, none))
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    path.with_name(f"{path.name}.pub").write_bytes(public + b"\n")


@contextmanager
def serving() -> Iterator[str]:
    """A running daemon's address; it is stopped at the end, whatever happens."""
    log = DAEMON / "hfitd.log"
    with log.open("wb") as file:
        words = [program("hfitd"), "serve", "--port", "0"]
        daemon = subprocess.Popen(words, cwd=DAEMON, env=desk(), stderr=file)  # noqa: S603 - words of this file alone
    try:
        yield address(daemon, log)
    finally:
        daemon.terminate()
        try:
            daemon.wait(30)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def address(daemon: subprocess.Popen[bytes], log: Path) -> str:
    """Where the daemon answers, once it does; SystemExit with its log where it ends instead."""
    end = time.monotonic() + 60
    while daemon.poll() is None and time.monotonic() < end:
        if found := re.search(r'"port": ?(\d+)', log.read_text(encoding="utf-8")):
            say("hfitd serve", "answers on this machine alone")
            return f"http://127.0.0.1:{found[1]}"
        time.sleep(0.05)
    raise SystemExit(log.read_text(encoding="utf-8"))


# ---- the developer's side


def asked(url: str, customer: int) -> Path:
    """Log in, create a template, have it approved, download a package of it: the script that came."""
    step("3. A developer, who may not read it: template", str(TEMPLATE.relative_to(FOLDER.parent)))
    run("hfit", "config", url, DEVELOPER, str(DESK / "id_ed25519"))
    run("hfit", "login")
    say("hfit login", "a challenge signed with an SSH key")
    run("hfit", "pkg-tmpl", "create", str(TEMPLATE))
    download = ("hfit", "pkg-download", "payment-incident", f"customer_ids={customer}", *WINDOW)
    refused = run(*download, code=3)
    say("hfit pkg-tmpl create payment-incident.yaml", "revision 1; a package of it is refused: it needs approval")
    assert "needs approval" in refused
    run("hfitd", "template", "approve", "payment-incident", "--yes")
    say("hfitd template approve payment-incident", "by somebody other than its author")
    made = FOLDER / "incident.sql"
    told = json.loads(run(*download, "-o", str(made), "--json"))
    say(f"hfit pkg-download payment-incident customer_ids={customer} …", f"{told['rows']} rows")
    return made


def proven(production: Path, made: Path) -> bool:
    """Load the script, compare it with production, and verify the daemon's audit; whether all of it holds."""
    test = FOLDER / "test.db"
    test.unlink(missing_ok=True)
    script = made.read_text(encoding="utf-8")
    with closing(sqlite3.connect(test)) as fresh:
        fresh.executescript(script)
    with closing(connect(production)) as source, closing(connect(test)) as copy:
        show(source, copy)
        broken = copy.execute("PRAGMA foreign_key_check").fetchall()
        loaded = sum(count(copy, table) for table in tables(copy))
        text = words(script)
        leaked = [name for name, value in originals(source, copy) if words(value) in text]
    step("4. The proof", "")
    tick(not broken, f"demo/incident.sql loads into demo/test.db: {loaded} rows, every foreign key holds")
    tick(not leaked, "no original e-mail, name, phone or card number is in it")
    audit = json.loads(run("hfitd", "audit", "verify", "--json"))
    tick(audit["whole"], f"the daemon's audit is whole: {audit['events']} events, each chained to the one before")
    return bool(loaded) and not broken and not leaked and bool(audit["whole"])


def run(*command: str, code: int = 0) -> str:
    """What a command prints (what it says, where it is to fail); SystemExit where it ends otherwise."""
    done = subprocess.run(  # noqa: S603 - words of this file alone
        [program(command[0]), *command[1:]], cwd=DAEMON if command[0] == "hfitd" and DAEMON.exists() else FOLDER,
        env=desk(), capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    if done.returncode != code:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stderr if code else done.stdout


def program(name: str) -> str:
    """Where a command of this project stands."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or name


def desk() -> dict[str, str]:
    """An environment in which nothing of yours is read or written."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("HFIT", "XDG_", "MOCKCRAFT_"))}
    return own | {"HOME": str(DESK), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONUTF8": "1"}


# ---- the second road


def invented() -> bool:
    """Seed a shop that nobody has, compare it with its schema, and show a row far away; whether all of it holds."""
    step("5. A shop made from nothing: schema", str(SCHEMA.relative_to(FOLDER.parent)))
    path = FOLDER / "invented.db"
    path.unlink(missing_ok=True)
    done = hotfixture.seed(SCHEMA, f"sqlite:///{path}")
    console.print("   " + ", ".join(f"{rows:,} {table}" for table, rows in done.rows.items()), soft_wrap=True)
    with closing(connect(path)) as source:
        wrong = source.execute(WRONG_TOTALS).fetchone()[0]
        broken = source.execute("PRAGMA foreign_key_check").fetchall()
    findings = compare(SCHEMA, f"sqlite:///{path}")
    same = all(finding.holds for finding in findings)
    tick(same, f"{len(findings)} comparisons of rows, references, uniqueness and shares with the schema")
    tick(not wrong and not broken, "every total is the sum of its lines, every order comes after its customer")
    large = SCHEMA.read_text(encoding="utf-8").replace("count: 2000", "count: 1_000_000_000")
    row = hotfixture.row(large, "customers", 999_999_999)
    console.print(f"   of a billion, the last: {row['first_name']} {row['last_name']}, {row['email']}", soft_wrap=True)
    return same and not wrong and not broken


WRONG_TOTALS = """
    SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.created_at < c.created_at
    OR abs(o.total - (SELECT sum(amount) FROM order_lines WHERE order_id = o.id)) > 0.001
"""


NEXT = (
    "export PATH=$PWD/.venv/bin:$PATH",
    "hfit inspect sqlite:///demo/production.db",
    "hfit run examples/payment-incident.yaml --provider SHOP=sqlite:///demo/production.db \\",
    "     customer_ids=4711,12847 start_time=2024-03-01 end_time=2024-04-01 | sqlite3 demo/mine.db",
    "mockcraft generate full_name --count 5 --locale ja",
)


def step(title: str, detail: str) -> None:
    """A heading."""
    console.print(f"\n[bold]{title}[/bold] {detail}")


def say(command: str, what: str) -> None:
    """A command, and what came of it."""
    console.print(Text(f"   {command}", style="cyan").append(f"  {what}", style="default"), soft_wrap=True)


def tick(holds: bool, claim: str) -> None:
    """One line of the proof."""
    console.print(f"   {'[green]✓[/green]' if holds else '[red]✗[/red]'} {claim}")


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose rows go by column name."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    return connection


def tables(source: sqlite3.Connection) -> list[str]:
    """The names of all tables."""
    return [row[0] for row in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]


def count(source: sqlite3.Connection, table: str) -> int:
    """The rows of a table."""
    return int(source.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def affected(source: sqlite3.Connection) -> int:
    """A customer with orders in the window, a note, a card, a phone, and an awkward name."""
    query = """
        SELECT c.id FROM customers c WHERE c.last_name IN ('O''Brien', 'Smith-Jones', 'D''Arc') AND c.phone IS NOT NULL
        AND EXISTS (SELECT 1 FROM support_notes n WHERE n.customer_id = c.id)
        AND EXISTS (SELECT 1 FROM payment_methods m WHERE m.customer_id = c.id AND m.card_number IS NOT NULL)
        AND EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.created_at LIKE '2024-06%') ORDER BY c.id
    """
    return int(source.execute(query).fetchone()[0])


def show(source: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    """Before and after, side by side: what became something else, and what stayed."""
    console.print(f"   [bold]{'column':<28}{'in production':<42}in the fixture[/bold]", soft_wrap=True)
    for name, columns in SHOWN.items():
        fullest = " + ".join(f"({column} IS NULL)" for column in columns)
        row = copy.execute(f"SELECT * FROM {name} ORDER BY {fullest}, 1 LIMIT 1").fetchone()
        before = source.execute(f"SELECT * FROM {name} WHERE id = ?", (row["id"],)).fetchone()
        for column in columns:
            colour = "dim" if before[column] == row[column] else "green"
            old, new = (("NULL" if value is None else str(value)) for value in (before[column], row[column]))
            line = Text(f"   {f'{name}.{column}':<28}{cut(old):<42}").append(cut(new), style=colour)
            console.print(line, soft_wrap=True)


def cut(text: str, width: int = 40) -> str:
    """The text, shortened in its middle, where prose tells least."""
    return text if len(text) <= width else f"{text[: width - 18]} … {text[-15:]}"


def originals(source: sqlite3.Connection, copy: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Column and value of everything sensitive about the people whose rows are in the fixture; names as whole names."""
    for table, columns in SENSITIVE.items():
        ids = [row[0] for row in copy.execute(f"SELECT id FROM {table}")]
        for row in source.execute(f"SELECT * FROM {table} WHERE id IN ({','.join('?' * len(ids))})", ids):
            yield from ((f"{table}.{column}", value) for column, value in person(row, columns) if value)


def person(row: sqlite3.Row, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The values of one row, first and last name as one."""
    if "first_name" in columns:
        yield "name", f"{row['first_name']} {row['last_name']}"
    yield from ((column, row[column]) for column in columns if column not in ("first_name", "last_name"))


def words(text: str) -> str:
    """The text's letters and digits alone, so that no quoting hides a name."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the daemon is stopped then too
    sys.exit(main())
