"""Chinook, real input that nobody here wrote: extracted, masked, loaded by each engine's own client, compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.servers import rows, run_script

import hotfixture
from hotfixture.errors import LeakError

DATA = Path(__file__).parents[3] / "shared" / "data" / "chinook"
KEY = bytes(range(32))
CUSTOMERS = (1, 17, 59)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Chinook sample data is not here")


@dataclass(frozen=True)
class Chinook:
    """One engine's copy of the shop, and how it spells names."""

    url: str
    fresh: Callable[[], str]
    spell: Callable[[str], str]


def snake(name: str) -> str:
    """`InvoiceLine` as PostgreSQL's copy has it: `invoice_line`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def script(name: str) -> str:
    """The statements of a dump behind those that make and choose its database."""
    text = (DATA / name).read_text(encoding="utf-8-sig")
    return text[text.index("CREATE TABLE") :]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def chinook(request: pytest.FixtureRequest, tmp_path: Path) -> Chinook:
    if request.param == "sqlite":
        counter = iter(range(100))
        fresh = lambda: f"sqlite:///{tmp_path / f'{next(counter)}.db'}"  # noqa: E731 - three ways to one thing
        return Chinook(f"sqlite:///{DATA / 'chinook.sqlite'}", fresh, str)
    server = request.getfixturevalue(f"{request.param}_server")
    url = server.fresh_database()
    dump = "chinook.postgres.sql" if request.param == "postgresql" else "chinook.mysql.sql"
    run_script(url, script(dump))
    return Chinook(url, lambda: server.fresh_database(plain=True), snake if request.param == "postgresql" else str)


TEMPLATE = """
templateName: customers
parameters: {{ids: list[integer]}}
exports:
  schema: {{type: ddl, provider: SHOP}}
  customers:
    type: subset
    provider: SHOP
    root: {Customer}
    where: {CustomerId} IN (${{ids}})
    include: {{{Invoice}: {{}}, {InvoiceLine}: {{}}}}
masks:
  {Customer}.{FirstName}: first_name
  {Customer}.{LastName}: last_name
  {Customer}.{Email}: {{email: {{max_length: 60}}}}
  {Customer}.{Phone}: permute
  {Customer}.{Fax}: "null"
  {Customer}.{Address}: redact
  {Invoice}.{BillingAddress}: redact
  {Employee}.{Email}: {{email: {{max_length: 60}}}}
  {Employee}.{LastName}: last_name
  {Employee}.{FirstName}: first_name
"""
WORDS = re.findall(r"\{(\w+)\}", TEMPLATE)


def extracted(chinook: Chinook, folder: Path, *, without: str = "") -> Path:
    template = folder / "customers.yaml"
    text = "".join(line for line in TEMPLATE.splitlines(keepends=True) if not without or without not in line)
    template.write_text(text.format(**{word: chinook.spell(word) for word in WORDS}), encoding="utf-8")
    package = folder / "package"
    hotfixture.run(
        template, providers={"SHOP": chinook.url}, parameters={"ids": list(CUSTOMERS)}, output=package, key=KEY
    )
    return package


def test_a_masked_slice_of_chinook_loads_and_every_reference_holds(chinook: Chinook, tmp_path: Path) -> None:
    package = extracted(chinook, tmp_path)
    checked = hotfixture.verify(package, load=chinook.fresh())
    counts = {
        entry["table"].rpartition(".")[2].lower().replace("_", ""): entry["rows"]
        for entry in checked.manifest["tables"]
    }
    # Customers 1 and 17 have seven invoices each, 59 has six; then their agents and the agents' managers.
    assert counts["customer"] == 3
    assert counts["invoice"] == 20
    assert counts["invoiceline"] == 112
    assert 3 <= counts["employee"] <= 8
    assert counts["track"] <= 112
    assert checked.references >= 9


def test_the_engines_own_client_loads_the_script(chinook: Chinook, tmp_path: Path) -> None:
    package = extracted(chinook, tmp_path)
    target = chinook.fresh()
    run_script(target, (package / "customers.sql").read_bytes())
    quote = '"' if not target.startswith("mysql") else "`"
    name = f"{quote}{chinook.spell('InvoiceLine')}{quote}"
    assert rows(target, f"SELECT count(*) FROM {name}")[0][0] == 112


def test_what_no_mask_touches_is_the_same_and_what_one_touches_is_not(chinook: Chinook, tmp_path: Path) -> None:
    package = extracted(chinook, tmp_path)
    target = chinook.fresh()
    hotfixture.verify(package, load=target)
    spell = chinook.spell
    unmasked = ", ".join(map(spell, ("CustomerId", "City", "Company", "PostalCode")))
    kept = f"SELECT {unmasked} FROM {spell('Customer')}"
    condition = f" WHERE {spell('CustomerId')} IN (1, 17, 59) ORDER BY 1"
    assert rows(target, kept + condition) == rows(chinook.url, kept + condition)
    masked = f"SELECT {spell('Email')}, {spell('Phone')}, {spell('Address')} FROM {spell('Customer')}"
    before, after = rows(chinook.url, masked + condition.replace("ORDER BY 1", "")), rows(target, masked)
    for column in range(3):
        assert not {row[column] for row in before} & {row[column] for row in after}


def test_a_column_that_repeats_a_masked_one_stops_the_package(chinook: Chinook, tmp_path: Path) -> None:
    with pytest.raises(LeakError, match=rf"{chinook.spell('Invoice')}\.{chinook.spell('BillingAddress')}") as caught:
        extracted(chinook, tmp_path, without="BillingAddress")
    assert "Theodor" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".db") == ["customers.yaml"]


def test_the_same_run_gives_the_same_bytes(chinook: Chinook, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    once, again = extracted(chinook, tmp_path), extracted(chinook, tmp_path / "again")
    assert (once / "customers.sql").read_bytes() == (again / "customers.sql").read_bytes()
