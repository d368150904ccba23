"""Seeding tables that stand already: what the engine fills by itself stays its own, every type takes its values."""

from __future__ import annotations

import pytest
from tests.engines import Anywhere
from tests.servers import run_script

from hotfixture.databases import open_database
from hotfixture.errors import DatabaseError, InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, seed, unseed

POSTGRESQL = """
CREATE SCHEMA "Side Shop";
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE DOMAIN postcode AS varchar(8) CHECK (VALUE ~ '^[0-9]{5}$');
CREATE TABLE "Side Shop"."Order" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "group" text NOT NULL, "mIxed" mood, code postcode,
    tags text[], moods mood[], data jsonb, uid uuid, raw bytea, cash money, address inet, span interval,
    reach int4range, twice bigint GENERATED ALWAYS AS (size * 2) STORED, size bigint, state text DEFAULT 'new' NOT NULL,
    touched text, bits bit(3)
);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := 'by trigger'; RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE INSERT ON "Side Shop"."Order" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE events (id serial, day date NOT NULL, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_early PARTITION OF events FOR VALUES FROM ('2000-01-01') TO ('2024-01-01');
CREATE TABLE events_late PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2100-01-01');
"""
PLAN = """
tables:
  - name: Order
    schema: Side Shop
    count: 700
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: group, values: [select, from]}
      - {name: mIxed, values: [calm, busy], nulls: 0.2}
      - {name: code, values: ['01234', '98765']}
      - {name: tags, type: array, items: {generator: word}, size: 2}
      - {name: moods, type: array, items: {values: [calm, busy]}, size: 3}
      - {name: data, type: object, fields: [{name: city}, {name: state}]}
      - {name: uid, type: uuid, generator: uuid}
      - {name: raw, type: binary, values: [abc, "\\\\x"]}
      - {name: cash, type: "decimal(8,2)", params: {low: 1, high: 900}}
      - {name: address, generator: ipv4}
      - {name: span, values: ["3 days", "1 mon -02:00:00"]}
      - {name: reach, values: ["[1,5)", empty]}
      - {name: size, type: bigint, params: {low: 1, high: 9}}
      - {name: bits, values: ["101", "010"]}
  - name: events
    count: 800
    columns:
      - {name: id, type: integer, primary_key: true}
      - {name: day, type: date, primary_key: true}
      - {name: note, generator: sentence}
"""
MYSQL = """
CREATE TABLE `Order` (
    id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, `group` ENUM('select', 'from') NOT NULL, tags SET('a', 'b', 'c'),
    flags BIT(4), born YEAR, small TINYINT UNSIGNED, seen TIMESTAMP NULL, shape VARBINARY(40), data JSON,
    size BIGINT, twice BIGINT AS (size * 2) STORED, state VARCHAR(10) NOT NULL DEFAULT 'new', touched VARCHAR(20)
);
CREATE TRIGGER touch BEFORE INSERT ON `Order` FOR EACH ROW SET NEW.touched = 'by trigger';
"""
MYSQL_PLAN = """
tables:
  - name: Order
    count: 700
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: group, values: [select, from]}
      - {name: tags, values: ["a,c", "b", ""]}
      - {name: flags, type: integer, params: {low: 0, high: 15}}
      - {name: born, type: integer, params: {low: 1960, high: 2020}}
      - {name: small, type: integer, params: {low: 0, high: 255}}
      - {name: seen, type: timestamp with time zone}
      - {name: shape, type: binary, values: [abc, "\\\\"]}
      - {name: data, type: object, fields: [{name: city}, {name: state}]}
      - {name: size, type: bigint, params: {low: 1, high: 9}}
"""


def fetched(url: str, query: str) -> list[tuple[object, ...]]:
    with open_database(url) as database:
        return database.fetch(query)


def test_postgresql_fills_what_the_plan_says_and_the_table_fills_the_rest(postgresql_url: str) -> None:
    run_script(postgresql_url, POSTGRESQL)
    assert seed(PLAN, postgresql_url).rows == {"Order": 700, "events": 800}
    order = '"Side Shop"."Order"'
    whole = f"SELECT count(*) FROM {order} WHERE twice = size * 2 AND state = 'new' AND touched = 'by trigger'"
    assert fetched(postgresql_url, whole) == [(700,)]
    typed = "cardinality(tags) = 2 AND moods[3] IN ('calm', 'busy') AND data ? 'city' AND raw IN ('abc', '\\x5c78')"
    assert fetched(postgresql_url, f"SELECT count(*) FROM {order} WHERE {typed}") == [(700,)]
    later = f"INSERT INTO {order} (\"group\") VALUES ('own'); INSERT INTO events (day) VALUES ('2024-05-05');"
    assert [one for one in compare(PLAN, postgresql_url) if not one.holds] == []
    run_script(postgresql_url, later)
    assert seed(PLAN, postgresql_url).rows == {"Order": 0, "events": 0}
    unseed(PLAN, postgresql_url)
    assert fetched(postgresql_url, f'SELECT "group" FROM {order}') == [("own",)]


def test_mysql_fills_what_the_plan_says_and_the_table_fills_the_rest(mariadb_url: str) -> None:
    run_script(mariadb_url, MYSQL)
    assert seed(MYSQL_PLAN, mariadb_url).rows == {"Order": 700}
    whole = "SELECT count(*) FROM `Order` WHERE twice = size * 2 AND state = 'new' AND touched = 'by trigger'"
    assert fetched(mariadb_url, whole) == [(700,)]
    typed = "flags + 0 < 16 AND born > 1900 AND JSON_VALID(data) AND shape IN ('abc', '\\\\')"
    assert fetched(mariadb_url, f"SELECT count(*) FROM `Order` WHERE {typed}") == [(700,)]
    run_script(mariadb_url, "INSERT INTO `Order` (`group`) VALUES ('from');")
    unseed(MYSQL_PLAN, mariadb_url)
    assert fetched(mariadb_url, "SELECT count(*) FROM `Order`") == [(1,)]


NUMBERED = """
tables:
  - name: things
    count: 50
    columns: [{name: id, type: bigint, primary_key: true}, {name: label, generator: word}]
"""


def test_a_later_row_without_a_number_gets_the_next_one(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(NUMBERED, url)
    run_script(url, "INSERT INTO things (label) VALUES ('own');")
    assert fetched(url, "SELECT max(id) - min(id), count(*) FROM things") == [(50, 51)]
    with pytest.raises(DatabaseError, match="things, among rows 50 to 59"):
        seed(NUMBERED, url, append={"things": 10})


def test_names_of_columns_are_found_by_the_rules_of_the_engine(anywhere: Anywhere) -> None:
    name = '"Label"' if anywhere.name == "postgresql" else "LABEL"
    url = anywhere.filled(f"CREATE TABLE things (id INTEGER PRIMARY KEY, {name} VARCHAR(40) NOT NULL);")
    plan = NUMBERED.replace("label,", "Label,")
    assert seed(plan, url).rows == {"things": 50}
    assert fetched(url, f"SELECT count(*) FROM things WHERE {name} IS NOT NULL") == [(50,)]


def test_a_schema_that_the_plan_names_is_made(postgresql_url: str) -> None:
    plan = NUMBERED.replace("count: 50", "count: 50\n    schema: shop")
    seed(plan, postgresql_url)
    assert fetched(postgresql_url, "SELECT count(*) FROM shop.things") == [(50,)]
    seed(plan, postgresql_url, replace=True)
    assert unseed(plan, postgresql_url).rows == {"things": 50}


DRIFTED = """
tables:
  - name: fine
    count: 10
    columns: [{name: id, type: bigint, primary_key: true}]
  - name: things
    count: 50
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: label, type: varchar(30), generator: word, nulls: 0.5}
      - {name: size, generator: word}
      - {name: gone, generator: word}
      - {name: ratio, type: "decimal(8,3)", params: {low: 1, high: 2}}
"""


def test_every_difference_from_the_plan_is_told_before_anything_is_written(anywhere: Anywhere) -> None:
    url = anywhere.filled(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, label VARCHAR(20) NOT NULL, size INTEGER, owner INTEGER NOT NULL,"
        " ratio NUMERIC(8, 2), kind INTEGER NOT NULL DEFAULT 1);"
    )
    with pytest.raises(InputError) as found:
        seed(DRIFTED, url)
    told = "\n".join(problem.message for problem in found.value.problems)
    words = ["things.gone: expected a column", "things.label: expected a column that may be null", "things.owner"]
    if anywhere.name != "sqlite":
        words += ["things.size: expected", "found 20", "things.ratio: expected a column for decimal(8,3)"]
    assert [word for word in words if word not in told] == []
    assert "kind" not in told
    with open_database(url) as database:
        assert [table.name.name for table in database.inspect()] == ["things"]


def test_a_refused_row_is_told_by_table_rule_and_rows_and_never_by_its_value(anywhere: Anywhere) -> None:
    """By a rule that is not evaluated beforehand: one with a function that only the engine has."""
    quoted = "quote_nullable" if anywhere.name == "postgresql" else "quote"
    rule = f"{quoted}(label) <> '''secretive'''"
    url = anywhere.filled(
        f"CREATE TABLE things (id INTEGER PRIMARY KEY, label VARCHAR(40), CONSTRAINT brief CHECK ({rule}));"
    )
    plan = NUMBERED.replace("generator: word", "values: [secretive]").replace("count: 50", "count: 1500")
    with pytest.raises(DatabaseError, match="things, among rows 0 to 699") as found:
        seed(plan, url, batch_size=700)
    assert "brief" in str(found.value) or anywhere.name == "sqlite"
    assert "secretive" not in str(found.value).replace(rule, "")
    assert fetched(url, "SELECT count(*) FROM things") == [(0,)]


RING = """
tables:
  - name: houses
    count: 40
    columns: [{name: id, type: bigint, primary_key: true}, {name: owner_id, references: owners.id, nullable: false}]
  - name: owners
    count: 30
    columns: [{name: id, type: bigint, primary_key: true}, {name: house_id, references: houses.id, nullable: false}]
"""


def test_a_ring_without_nulls_is_filled_where_references_can_wait_and_refused_by_name_elsewhere(
    anywhere: Anywhere,
) -> None:
    url = anywhere.fresh()
    if anywhere.name == "mariadb":
        with pytest.raises(InputError, match="NOT NULL all the way round"):
            seed(RING, url)
        return
    assert seed(RING, url).rows == {"houses": 40, "owners": 30}
    assert [one for one in compare(RING, url) if not one.holds] == []
    with open_database(url) as database:
        assert sum(len(table.references) for table in database.inspect()) == 2
    assert sum(seed(RING, url, append={"houses": 20}).rows.values()) == 20
    assert unseed(RING, url).rows == {"houses": 60, "owners": 30}
    assert fetched(url, "SELECT count(*) FROM houses") == [(0,)]


TREE = """
tables:
  - name: nodes
    count: 5000
    columns:
      - {name: id, type: uuid, primary_key: true}
      - {name: parent_id, references: nodes.id, nullable: false%s}
      - {name: other_id, references: nodes.id, nulls: 0.4}
"""


@pytest.mark.parametrize("options", ["", ", branching: 3"])
def test_a_tree_without_nulls_is_removed_leaf_by_leaf(anywhere: Anywhere, options: str) -> None:
    """Its keys are in no order; some engines check each row of a statement by itself."""
    url = anywhere.fresh()
    assert seed(TREE % options, url).rows == {"nodes": 5000}
    assert unseed(TREE % options, url).rows == {"nodes": 5000}
    assert fetched(url, "SELECT count(*) FROM nodes") == [(0,)]


def test_rows_of_others_that_hang_on_ours_stop_their_removal(anywhere: Anywhere) -> None:
    """Nothing is orphaned, not even where an engine must be told not to look."""
    url = anywhere.fresh()
    seed(TREE % "", url)
    root = str(read(TREE % "").table("nodes").row(0)["id"])
    run_script(url, f"CREATE TABLE fans (node_id {'uuid' if anywhere.name == 'postgresql' else 'char(36)'} "
               f"REFERENCES nodes (id)); INSERT INTO fans VALUES ('{root}');")  # fmt: skip
    with pytest.raises(DatabaseError):
        unseed(TREE % "", url)
    assert fetched(url, f"SELECT count(*) FROM nodes WHERE id = '{root}'") == [(1,)]
    run_script(url, "DELETE FROM fans;")
    unseed(TREE % "", url)
    assert fetched(url, "SELECT count(*) FROM nodes") == [(0,)]


def test_a_reference_has_the_type_of_what_it_points_at() -> None:
    table = read("""
tables:
  a:
    count: 2
    columns:
      id: {type: uuid, primary_key: true}
      code: {type: varchar(7), generator: hexadecimal, params: {digits: 7}, unique: true}
  b: {count: 2, columns: {a_id: {references: a.id}, code: {references: a.code}}}
  c: {count: 2, columns: {b_code: {references: a.code, type: varchar(9)}}}
""").by_name
    assert [column.native for column in table["b"].table.columns] == ["uuid", "varchar(7)"]
    assert table["b"].table.column("code").length == 7
    assert table["c"].table.column("b_code").native == "varchar(9)"
