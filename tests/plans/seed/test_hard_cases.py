"""The hard cases of generating and seeding, by number: each is made right, or refused before a row is made."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from hotfixture.errors import InputError
from hotfixture.plans.seed import SeedPlan, read
from hotfixture.plans.seed.calls import seed
from hotfixture.plans.seed.files import Filing, write_files

KEY = "id: {type: integer, primary_key: true}"


def plan(text: str) -> SeedPlan:
    """The plan of tables written in flow style, one a line."""
    return read(f"tables:\n{text}\n")


def refusal(text: str) -> str:
    """What is said of tables that cannot be."""
    with pytest.raises(InputError) as raised:
        plan(text)
    assert all(problem.where and problem.where.line for problem in raised.value.problems)
    return str(raised.value)


def values(text: str, column: str) -> list[object]:
    """A column of the last table."""
    table = plan(text).tables[-1]
    return list(table.batch(0, table.count).column(column).to_pylist())


def test_a_unique_reference_of_a_table_to_itself_is_a_chain() -> None:
    """1: each row but the first points at another one, and at one before it."""
    text = f"  a: {{count: 50, columns: {{{KEY}, p: {{references: a.id, unique: true}}}}}}"
    parents = values(text, "p")
    assert parents[0] is None
    assert sorted(filter(None, parents), key=str) == sorted(range(1, 50), key=str)


def test_a_unique_reference_to_itself_that_may_not_be_null_is_refused() -> None:
    """1: the first row would have to point at another."""
    said = refusal(f"  a: {{count: 5, columns: {{{KEY}, p: {{references: a.id, unique: true, nullable: false}}}}}}")
    assert "cannot be 'nullable: false'" in said


def test_keys_that_need_each_other_are_refused_and_the_ring_is_named() -> None:
    """2: no row of either table can be first."""
    one = "{count: 3, columns: {id: {references: %s.id, primary_key: true}}}"
    assert "a.id → b.id → a.id" in refusal(f"  a: {one % 'b'}\n  b: {one % 'a'}")


SIZES = {
    "a": "  a: {count: 2 per b, columns: {id: integer}}\n  b: {count: 2 per a, columns: {id: integer}}",
    "itself": "  a: {count: 2 per a, columns: {id: integer}}",
}


@pytest.mark.parametrize("text", SIZES.values(), ids=SIZES)
def test_sizes_that_need_each_other_are_refused_and_the_ring_is_named(text: str) -> None:
    """36: a size is never that of a ring."""
    assert "each of these needs the next" in refusal(text)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ("5 per nowhere", "unknown table in the size of t: 'nowhere'"),
        ("5..1 per t", "5 is more than 1"),
        ("___", "expected a number"),
        ("_1 per t", "expected a number"),
        ("-1", "expected 0 to …"),
        (str(1 << 70), "rows are more than"),
    ],
)
def test_sizes_that_mean_nothing_are_refused(size: str, said: str) -> None:
    """36: with their place, and never taken for none."""
    assert said in refusal(f"  t: {{count: {size}, columns: {{id: integer}}}}")


def test_tables_without_rows_are_made_and_their_children_are_none() -> None:
    """36: an empty parent has no children, and no row is asked for."""
    made = plan(f"  a: {{count: 0, columns: {{{KEY}}}}}\n  b: {{count: 3 per a, columns: {{a: {{references: a.id}}}}}}")
    assert [table.batch(0, table.count).num_rows for table in made.tables] == [0, 0]


def test_an_empty_parent_of_rows_that_need_one_is_refused() -> None:
    """36: rather than found out by the database."""
    text = f"  a: {{count: 0, columns: {{{KEY}}}}}\n  b: {{count: 3, columns: {{a: {{references: a.id}}}}}}"
    assert "a has no rows that b could refer to" in refusal(text)


NULLABLE = f"""\
  a: {{count: 9, columns: {{{KEY}, x: integer, t: timestamp}}}}
  b:
    count: 400
    columns:
      a: {{references: a.id, nulls: 0.4}}
      x: {{expression: a.x}}
      y: {{expression: "coalesce(a.x, -1)"}}
      t: {{after: a.t}}"""


def test_a_row_without_a_parent_computes_with_nulls_and_not_with_another_row() -> None:
    """6, 7: expressions and times of the parent are those of no row where the reference is null."""
    rows = plan(NULLABLE).table("b").batch(0, 400).to_pylist()
    assert {row["a"] is None for row in rows} == {True, False}
    for row in rows:
        assert (row["a"] is None) == (row["x"] is None) == (row["y"] == -1) == (row["t"] is None)


def test_a_reference_to_columns_that_are_not_unique_is_refused() -> None:
    """8: an engine would refuse the foreign key, after the rows are in."""
    said = refusal(
        f"  a: {{count: 9, columns: {{{KEY}, n: text}}}}\n  b: {{count: 3, columns: {{n: {{references: a.n}}}}}}"
    )
    assert "a reference to a(n), which is not unique" in said


def test_a_reference_that_may_not_be_null_does_not_lead_to_nulls() -> None:
    """8, 18: a unique column that is null in some rows gives no key to a column that may not be."""
    said = refusal(
        f"  a: {{count: 9, columns: {{{KEY}, n: {{generator: email, unique: true, nulls: 0.5}}}}}}\n"
        "  b: {count: 3, columns: {n: {references: a.n, nullable: false}}}"
    )
    assert "may not be null" in said


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{values: [x, y], unique: true}", "2 values for 9 rows"),
        ("{type: boolean, unique: true}", "2 distinct values for 9 rows"),
        ("{value: 1, unique: true}", "'value' gives values that repeat"),
        ("{fields: {x: integer}, unique: true}", "'fields' gives values that repeat"),
        ("{states: {start: n, transitions: {n: o}}, unique: true}", "'states' gives values that repeat"),
        ("{type: double, unique: true}", "cannot promise distinct values"),
        ("{type: date, params: {low: 2024-01-01, high: 2024-01-05}, unique: true}", "5 distinct values for 9 rows"),
    ],
)
def test_uniqueness_that_cannot_be_is_refused(column: str, said: str) -> None:
    """10, 12: the size of the domain is known before the first row."""
    assert said in refusal(f"  t: {{count: 9, columns: {{{KEY}, c: {column}}}}}")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{type: smallint, primary_key: true}", "smallint does not hold"),
        ('{type: "decimal(5,2)", params: {high: 5000}}', "decimal(5,2) does not hold"),
        ("{type: smallint, params: {high: 99999}}", "smallint does not hold"),
        ("{type: integer, generator: first_name}", "gives string values, the column is integer"),
        ("{type: json, generator: blood_pressure}", "gives values that are no JSON"),
        ("{type: jsonb}", "fields, a generator whose values have parts"),
        ("{type: bytea}", "whose bytes it takes (hex_bytes)"),
        ('{type: "text[]", generator: word}', "items: {generator: word}, size: 0..3"),
    ],
)
def test_values_that_a_type_does_not_hold_are_refused_before_they_are_made(column: str, said: str) -> None:
    """17: the last row's key and the greatest number are tried when the schema is read."""
    assert said in refusal(f"  t: {{count: 40000, columns: {{c: {column}}}}}")


@pytest.mark.parametrize(
    "kind", ["smallint", "tinyint", "decimal(3,1)", "decimal(5)", "numeric(2,2)", "decimal(38,10)"]
)
def test_a_column_that_only_says_its_type_holds_what_is_made(kind: str) -> None:
    """17: bounds and digits are those of the type."""
    made = values(f'  t: {{count: 2000, columns: {{c: {{type: "{kind}"}}}}}}', "c")
    assert len(set(made)) > 50


@pytest.mark.parametrize(
    "column", ["{type: integer, nulls: 0.5, nullable: false}", "{references: {to: t.id, nulls: 0.5}, nullable: false}"]
)
def test_a_share_of_nulls_where_none_may_be_is_refused(column: str) -> None:
    """18: the two say the opposite."""
    assert "'nullable: false'" in refusal(f"  t: {{count: 9, columns: {{{KEY}, c: {column}}}}}")


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ("redis: {kind: sortedset}", "unknown kind of Redis value 'sortedset'"),
        ("redis: {key: 't:${nope}'}", "unknown column of t 'nope'"),
        ("redis: {kind: zset, key: z, score: nope}", "unknown column of t 'nope'"),
        ("redis: {kynd: hash}", "Did you mean kind?"),
        ("redis: {expire: soon}", "expire=soon: expected a whole number of seconds"),
        ("mongodb: {nulls: gone}", "nulls=field and nulls=missing"),
    ],
)
def test_how_rows_are_stored_is_checked_with_the_schema(storage: str, said: str) -> None:
    """32: before an engine is opened."""
    assert said in refusal(f"  t: {{count: 9, {storage}, columns: {{{KEY}}}}}")


def test_columns_of_a_group_are_null_in_nested_rows() -> None:
    """18: with shares that differ, the smaller share's nulls are among the larger's."""
    columns = "a: {type: integer, nulls: 0.3, null_group: g}, b: {type: date, nulls: 0.6, null_group: g}"
    text = f"  t: {{count: 900, columns: {{{columns}}}}}"
    table = plan(text).table("t").batch(0, 900)
    first, second = ({n for n, one in enumerate(table.column(name).to_pylist()) if one is None} for name in "ab")
    assert first < second


@pytest.mark.parametrize(("check", "said"), [("x >", "is no SQL condition"), ("y > 1", "unknown column of t 'y'")])
def test_checks_are_conditions_over_columns_of_the_table(check: str, said: str) -> None:
    """16: what no engine reads is said before one is asked."""
    assert said in refusal(f'  t: {{count: 9, checks: ["{check}"], columns: {{x: integer}}}}')


@pytest.mark.parametrize("expression", ["sum(", "x +", "x =", "'abc", "(x", "x y z", ")", "", "x ? 1"])
def test_what_is_no_sql_is_refused_in_plain_words(expression: str) -> None:
    """6: the parser's own insides tell a user nothing."""
    said = refusal(f'  t: {{count: 9, columns: {{x: integer, y: {{expression: "{expression}"}}}}}}')
    assert "<" not in said


@pytest.mark.parametrize("expression", ["1 // (x - x)", "x * 9223372036854775807", "cast('a' || x as integer)"])
def test_an_expression_that_fails_for_a_row_is_one_error_with_its_place(expression: str) -> None:
    """6: and no value of the row stands in it."""
    made = plan(f'  t: {{count: 9, columns: {{x: bigint, y: {{expression: "{expression}"}}}}}}').table("t")
    with pytest.raises(InputError, match=r"t\.y: expression: [A-Z][A-Za-z0-9 ']+") as raised:
        made.batch(0, 9)
    where = raised.value.problems[0].where
    assert where
    assert where.line == 2


HIDDEN = """\
  t: {columns: {y: date, x: {type: uuid, unique: true, hidden: true}}}
  u: {columns: {x: {references: t.x}}}"""


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (f"  t: {{columns: {{x: integer, {KEY[:-1]}, hidden: true}}}}}}", "is no part of a key"),
        ("  t: {columns: {x: {type: integer, hidden: true}}}", "all its columns are hidden"),
        (
            HIDDEN,
            "a reference to t.x, which is hidden",
        ),
    ],
)
def test_what_is_hidden_is_no_key(tables: str, said: str) -> None:
    """33: nothing that is written points at what is not."""
    assert said in refusal(tables)


def test_generators_that_are_made_of_themselves_are_refused() -> None:
    """36: however long the way round is."""
    with pytest.raises(InputError, match="made of itself"):
        read("generators: {a: {generator: b}, b: {generator: a}}\ntables: {t: {columns: {x: {generator: a}}}}\n")


def test_one_problem_is_said_once() -> None:
    """36: although it is met on several ways."""
    said = refusal("  t: {columns: {x: {references: u.x}}}")
    assert said.count("unknown table 'u'") == 1
    assert said == "schema:2:33: unknown table 'u'\n  Known: t."


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("columns: {x: {references: u}}", "its reference names no column of u, which has no primary key"),
        ("columns: {x: {}, y: {}}, references: [{columns: [x, y], to: u(a)}]", "has 2 columns here and 1 there"),
    ],
)
def test_a_reference_that_fits_no_columns_says_how(reference: str, said: str) -> None:
    """36: the schema's writer sees what to change."""
    assert said in refusal(f"  u: {{columns: {{a: {{generator: sequence}}}}}}\n  t: {{{reference}}}")


FAR = f"""\
  users: {{count: 1000000000, columns: {{{KEY}, e: {{generator: email, unique: true}}}}}}
  orders:
    count: 1..5 per users
    columns:
      id: {{type: bigint, primary_key: true}}
      user_id: {{references: users.id}}
      line: {{line_no: true}}
      liked: {{references: {{to: users.id, distribution: zipf}}}}"""


def test_rows_at_the_far_end_are_rows_like_the_first() -> None:
    """5, 24: a thousand million parents cost no memory; the last child stands under the last parent."""
    orders = plan(FAR).table("orders")
    before = pa.total_allocated_bytes()
    last = orders.batch(orders.count - 1000, 1000)
    assert last.column("user_id")[-1].as_py() == 1_000_000_000
    assert last.num_rows == 1000
    assert orders.row(orders.count - 1) == last.to_pylist()[-1]
    assert pa.total_allocated_bytes() - before < 1 << 20


NAMES = """\
  "select": {count: 3, columns: {"order": {type: integer, primary_key: true}, "group by": text, "naïve 表": text}}
  "Order Details":
    count: 4
    columns: {"a.b": {references: select.order}, 'quo"te': integer, "y": {expression: '"quo""te" + 1'}}"""


@pytest.mark.parametrize("form", ["csv", "sql", "parquet", "ndjson"])
def test_reserved_mixed_and_foreign_names_are_names(form: str, tmp_path: Path) -> None:
    """15, 25: in expressions and in files of every format."""
    from hotfixture.plans.seed.files import Filing, write_files

    write_files(plan(NAMES), str(tmp_path), Filing(form))
    assert sum(path.stat().st_size > 0 for path in tmp_path.iterdir()) == 2


def run(*arguments: str, out: int | IO[bytes] = subprocess.PIPE) -> tuple[int, str]:
    """The exit status of the command and what it says on standard error."""
    program = "from hotfixture.cli.mockcraft import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], stdout=out, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.fixture
def schema(tmp_path: Path) -> str:
    """The file of a schema of one small table."""
    path = tmp_path / "schema.yaml"
    path.write_text(f"tables: {{t: {{count: 9, columns: {{{KEY}}}}}}}\n")
    return str(path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--append", "t=5"], "nothing of this schema and seed is there"),
        (["--append", "t=5", "--replace"], "append and replace exclude each other"),
        (["--shards", "3"], "--shards means nothing for a database"),
    ],
)
def test_options_that_mean_nothing_are_refused_and_nothing_is_written(
    options: list[str], said: str, schema: str, tmp_path: Path
) -> None:
    """9, 36: rows cannot be added to what was never seeded, and no option is passed over."""
    place = tmp_path / "s.db"
    status, heard = run("seed", "--config", schema, "--db", f"sqlite:///{place}", *options)
    assert (status, said in heard) == (2, True)
    assert not place.exists() or b"CREATE TABLE" not in place.read_bytes()


def test_files_take_no_options_of_databases(schema: str, tmp_path: Path) -> None:
    """36: a growth of files would be passed over."""
    status, said = run("seed", "--config", schema, "--output", "csv", "--dir", str(tmp_path), "--append", "5")
    assert (status, "--append means nothing for files" in said) == (2, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_clear_line(schema: str) -> None:
    """28: and no defect of the program."""
    with Path("/dev/full").open("wb") as full:
        assert run("row", schema, "t", "5", out=full) == (1, "mockcraft: cannot write: No space left on device\n")


def test_a_wide_table_is_read_at_once() -> None:
    """36: 300 columns whose names mean nothing cost no search for names that are near."""
    began = time.process_time()
    columns = ", ".join(f"c{number}: integer" for number in range(300))
    assert len(plan(f"  t: {{columns: {{{columns}}}}}").table("t").columns) == 300
    assert time.process_time() - began < 3


@pytest.mark.parametrize("span", ["0s", "-1s", "soon", "0.0000001s"])
def test_a_span_of_no_length_is_refused(span: str) -> None:
    """7, 21: moments at no distance would be one moment."""
    assert "expected a span such as" in refusal(f'  t: {{columns: {{{KEY}, c: {{every: "{span}"}}}}}}')


def test_tables_that_are_said_to_exist_make_no_files(tmp_path: Path) -> None:
    """Case 8: references to a table already filled need the database that has it."""
    text = (
        "tables:\n  - {name: old, existing: true, columns: [{name: id, primary_key: true}]}\n"
        "  - {name: new, count: 3, columns: [{name: id, primary_key: true}, {name: old_id, references: old.id}]}\n"
    )
    with pytest.raises(InputError, match="is said to exist"):
        write_files(read(text), tmp_path, Filing())
    assert list(tmp_path.iterdir()) == []


def test_a_sqlite_database_in_a_folder_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    """Case 36: the smallest mistakes get a clear answer."""
    text = "tables:\n  - {name: t, count: 1, columns: [{name: id, primary_key: true}]}\n"
    with pytest.raises(InputError, match="no folder"):
        seed(text, f"sqlite:///{tmp_path}/no/x.db")
