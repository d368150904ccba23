"""Drafted policies: they load as they are, decide about every column, and an export under them runs and loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plans.market import market

import hotfixture
from hotfixture.databases import open_database
from hotfixture.documents import parse
from hotfixture.plans.policy_draft import draft
from hotfixture.transforms.decisions import decide
from hotfixture.transforms.policy import Policy

PEOPLE = """
CREATE TABLE accounts (login varchar(40) PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, phone varchar(16),
  first_name varchar(12) NOT NULL, last_name varchar(12), birth_date date, salary decimal(8, 2) CHECK (salary > 0),
  card_number varchar(19), iban varchar(34), status varchar(10) NOT NULL, notes text,
  password_hash varchar(80) NOT NULL);
CREATE TABLE visits (id integer PRIMARY KEY, login varchar(40) NOT NULL REFERENCES accounts (login), ip varchar(45),
  seen_at timestamp, {select} integer, payload varchar(400));
"""
ODD = {"postgresql": '"select.it"', "mariadb": "`select.it`", "sqlite": '"select.it"'}
ROW = (
    "INSERT INTO accounts VALUES ('w{n}.oberhuber', 'w{n}.oberhuber@realmail.com', '+49 89 55566{n:03d}', 'Wilhelmine',"
    " 'Oberhuber{n}', '19{year}-03-04', 4200.50, '4111111111111111', 'DE89370400440532013000', 'active',"
    " 'call w{n}.oberhuber@realmail.com or +49 89 55566{n:03d} before noon please', '$2b$12$abcdefghijkl{n:03d}')"
)
VISIT = "INSERT INTO visits VALUES ({n}, 'w{n}.oberhuber', '81.2.69.{n}', '2024-10-15 14:30:00', {n}, '{{}}')"


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def url(request: pytest.FixtureRequest) -> str:
    """A database of people with every kind of key, check and short column."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    with open_database(found, write=True) as database:
        for statement in PEOPLE.format(select=ODD[request.param]).strip().split(";")[:-1]:
            database.execute(statement)
        for number in range(1, 60):
            database.execute(ROW.format(n=number, year=40 + number))
            database.execute(VISIT.format(n=number))
    return found


def drafted(url: str, *, samples: bool = True) -> str:
    with open_database(url) as database:
        return draft(database, "PROD", samples=samples)


@pytest.mark.parametrize("samples", [True, False])
def test_a_draft_decides_about_every_column_and_masks_what_looks_sensitive(url: str, samples: bool):
    text = drafted(url, samples=samples)
    with open_database(url) as database:
        schema = database.inspect()
    decisions = decide(Policy.read(parse(text, "draft.yaml")), {"PROD": schema})
    found = {f"{one.table.name}.{one.column}": one for one in decisions}
    assert {one.state for one in found.values()} <= {"masked", "kept"}
    for name in ("email", "phone", "first_name", "last_name", "birth_date", "card_number", "iban", "password_hash"):
        assert found[f"accounts.{name}"].state == "masked", name
    assert found["accounts.status"].state == "kept"
    assert found["accounts.notes"].state == "masked"
    assert found["visits.ip"].state == "masked"
    assert found["visits.login"].mask == found["accounts.login"].mask  # a key and what refers to it


def test_a_draft_gives_evidence_and_no_value(url: str):
    text = drafted(url)
    assert "email" in text
    assert "% of 59 sampled values have the form" in text
    for value in ("oberhuber", "Wilhelmine", "81.2.69", "55566", "4111"):
        assert value not in text


def test_an_export_under_a_draft_runs_and_loads(url: str, tmp_path: Path, request: pytest.FixtureRequest):
    policy = tmp_path / "masking.yaml"
    policy.write_text(drafted(url))
    template = tmp_path / "all.yaml"
    schema = "  schema: {type: ddl, provider: PROD}\n"
    template.write_text(
        f"templateName: all\nexports:\n{schema}  people: {{type: subset, provider: PROD, root: accounts,"
        " include: {visits: {}}}\n"
    )
    package = hotfixture.run(
        template, providers={"PROD": url}, policy=policy, output=f"{tmp_path / 'package'}/", key=bytes(range(32))
    )
    assert package.rows == dict.fromkeys(package.rows, 59)
    script = (tmp_path / "package" / "all.sql").read_text()
    assert "oberhuber" not in script.lower()
    engine = url.partition(":")[0]
    if engine == "sqlite":
        target = f"sqlite:///{tmp_path / 'copy.db'}"
    else:
        name = "mariadb_server" if engine == "mysql" else "postgresql_server"
        target = request.getfixturevalue(name).fresh_database()
    assert hotfixture.verify(tmp_path / "package", load=target).rows == 118


def test_the_market_can_be_exported_under_its_draft(tmp_path: Path):
    url = market(tmp_path)
    (tmp_path / "masking.yaml").write_text(drafted(url))
    with open_database(url) as database:
        tables = [str(table.name) for table in database.inspect() if table.kind == "table"]
    exports = "".join(f"  {name}: {{provider: PROD, query: 'SELECT * FROM {name}'}}\n" for name in tables)
    (tmp_path / "all.yaml").write_text(f"templateName: all\nexports:\n{exports}")
    made = hotfixture.run(
        tmp_path / "all.yaml", providers={"PROD": url}, policy=tmp_path / "masking.yaml",
        output=f"{tmp_path / 'package'}/", key=bytes(range(32)),
    )  # fmt: skip
    assert set(made.rows) == set(tables)


def test_an_empty_database_has_a_draft_too(sqlite_url: str):
    with open_database(sqlite_url, write=True) as database:
        database.execute("CREATE TABLE t (a integer)")
        database.execute("DROP TABLE t")
    assert Policy.read(parse(drafted(sqlite_url), "draft.yaml")).rules == ()
