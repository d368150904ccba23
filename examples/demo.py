"""Both roads from end to end: a masked slice of a production database, and a shop made from nothing; `make demo`."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import shop
from rich.console import Console
from rich.text import Text

import hotfixture
from hotfixture.plans.seed.calls import compare

HERE = Path(__file__).parent
FOLDER = HERE.parent / "demo"
TEMPLATE = HERE / "payment-incident.yaml"
SCHEMA = HERE / "seed" / "shop.yaml"
KEY = bytes.fromhex(
    "9f2b6c1d84e07a53b1c8f4e62d975a0e3f18c7b6a5d4e2f10918273645546372"
)  # a demonstration's, never yours
SENSITIVE = {
    "customers": ("first_name", "last_name", "email", "phone"),
    "payment_methods": ("card_number", "iban"),
    "employees": ("full_name", "email"),
}
SHOWN = {
    "customers": ("first_name", "last_name", "email", "phone", "birth_date", "status", "preferences"),
    "addresses": ("street", "city"),
    "payment_methods": ("kind", "card_number", "iban"),
    "orders": ("status", "created_at"),
    "support_notes": ("body",),
}

console = Console(width=min(Console().width, 150), highlight=False)


def main() -> int:
    """Build, extract, show, load, prove; the exit code."""
    began = time.perf_counter()
    FOLDER.mkdir(exist_ok=True)
    production, package = FOLDER / "production.db", FOLDER / "incident"
    step("1. A shop's production database", str(production.relative_to(FOLDER.parent)))
    if not production.exists():
        aside = production.with_suffix(".part")
        aside.unlink(missing_ok=True)
        shop.build(aside)
        aside.replace(production)
    with closing(connect(production)) as source:
        rows = sum(count(source, table) for table in tables(source))
        console.print(
            f"   {rows:,} rows in {len(tables(source))} tables: customers, cards, orders, notes in prose, JSON"
        )
        customer = affected(source)
    step("2. One customer, one bad evening: template", str(TEMPLATE.relative_to(FOLDER.parent)))
    made = hotfixture.run(
        TEMPLATE,
        providers={"SHOP": f"sqlite:///{production}"},
        parameters={"customer_ids": [customer], "start_time": "2024-03-01 00:00:00", "end_time": "2024-09-30 23:59:59"},
        output=package,
        key=KEY,
    )
    console.print("   " + ", ".join(f"{rows} {table}" for table, rows in made.rows.items() if rows), soft_wrap=True)
    step("3. Loaded into a fresh database", "demo/test.db")
    test = FOLDER / "test.db"
    test.unlink(missing_ok=True)
    checked = hotfixture.verify(package, load=f"sqlite:///{test}")
    with closing(connect(production)) as source, closing(connect(test)) as copy:
        show(source, copy)
        broken = copy.execute("PRAGMA foreign_key_check").fetchall()
        text = words(everything(package))
        leaked = [name for name, value in originals(source, copy) if words(value) in text]
    step("4. The proof", "")
    tick(not broken, f"every foreign key holds ({checked.references} references checked)")
    tick(not leaked, "no original e-mail, name, phone or card number is in the package")
    tick(
        checked.rows == sum(made.rows.values()),
        f"{checked.rows} rows, as the manifest says; every file's digest agrees",
    )
    holds = invented()
    step("6. Now you", f"({time.perf_counter() - began:.1f} s)")
    for line in NEXT:
        console.print(Text(f"   {line}", style="cyan"), soft_wrap=True)
    return 0 if holds and not broken and not leaked else 1


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
    "hfit plan examples/payment-incident.yaml --provider SHOP=sqlite:///demo/production.db \\",
    "     customer_ids=4711 start_time=2024-03-01 end_time=2024-04-01",
    "hfit run examples/payment-incident.yaml --provider SHOP=sqlite:///demo/production.db \\",
    "     customer_ids=4711,12847 start_time=2024-03-01 end_time=2024-04-01 | sqlite3 demo/mine.db",
    "mockcraft generate full_name --count 5 --locale ja",
    "mockcraft check examples/seed/shop.yaml",
    "mockcraft seed --config examples/seed/shop.yaml --output csv --dir demo/shop",
)


def step(title: str, detail: str) -> None:
    """A heading."""
    console.print(f"\n[bold]{title}[/bold] {detail}")


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
        row = copy.execute(f"SELECT * FROM {name} ORDER BY 1 LIMIT 1").fetchone()
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


def everything(package: Path) -> str:
    """All text of the package."""
    return "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
