"""Seeding: a schema into databases and files, each against the engine's own load of the same rows, ready-made."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from tests.document_servers import MongoDB, Redis
from tests.servers import MariaDB, PostgreSQL, mysql_options, rows, run_script

from bench.measure import WORK, Figure, Ours, Scale, command, medians, ratio, timed
from hotfixture.plans.seed import SeedPlan, read
from hotfixture.plans.seed.calls import seed
from hotfixture.plans.seed.files import Filing, write_files
from hotfixture.plans.seed.plan import BATCH

SCHEMA = """
seed: 1
tables:
  - name: customers
    count: {customers}
    columns: [{{name: id, type: bigint, primary_key: true}}, {{name: full_name}}]
  - name: products
    count: 1000
    columns: [{{name: id, type: bigint, primary_key: true}}, {{name: title, generator: word}}]
  - name: sales
    count: {rows}
    redis: {{kind: hash, key: "sale:${{id}}"}}
    columns:
      - {{name: id, type: bigint, primary_key: true}}
      - {{name: customer_id, references: customers.id}}
      - {{name: product_id, references: products.id}}
      - {{name: status, values: {{new: 1, paid: 5, shipped: 3}}}}
      - {{name: quantity, type: integer, params: {{low: 1, high: 9}}}}
      - {{name: price, type: "decimal(10,2)", params: {{low: 1, high: 999}}}}
      - {{name: contact, generator: email}}
      - {{name: city}}
      - {{name: note, generator: sentence, nulls: 0.5}}
      - {{name: placed_at, type: timestamp}}
"""
FIVE = """
tables:
  - name: people
    count: {rows}
    columns:
      - {{name: id, primary_key: true}}
      - {{name: full_name}}
      - {{name: email}}
      - {{name: city}}
      - {{name: birth_date}}
"""
NAMES = ("customers", "products", "sales")
LOADS, FILES, WORKERS, MEMORY = 1.3, 2.0, 1.8, 400


def _schema(rows: int) -> Path:
    path = WORK / f"sales{rows}.yaml"
    path.write_text(SCHEMA.format(rows=rows, customers=max(1, rows // 10)))
    return path


def _ready(schema: Path) -> Path:
    """The same rows as CSV files."""
    folder = WORK / "ready"
    write_files(read(schema), folder, Filing("csv"))
    return folder


def _compared(work: str, ours: Ours, peer: Callable[[], float], against: str, scale: Scale, target: float) -> Figure:
    found = medians({"ours": ours, "peer": peer}, scale.runs)
    return ratio(work, found["ours"], found["peer"], "s", against=against, target=target, peak=ours.peak)


def seed_postgresql(scale: Scale) -> Iterator[Figure]:
    """Three tables with two references into PostgreSQL."""
    schema = _schema(scale.rows)
    folder, server = _ready(schema), PostgreSQL.start()
    try:
        ours, theirs = server.fresh_database(), server.fresh_database()
        seed(schema, theirs)

        def copy() -> float:
            rows(theirs, f"TRUNCATE {', '.join(NAMES)}")
            words = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", theirs]
            copies = [f"\\copy {name} from '{folder / name}.csv' csv header" for name in NAMES]
            return command(*words, *(word for one in copies for word in ("-c", one)), stdout=subprocess.DEVNULL)

        task = Ours(kind="seed", schema=str(schema), url=ours)
        yield _compared(_title("PostgreSQL", scale), task, copy, "psql \\copy of ready rows", scale, LOADS)
    finally:
        server.stop()


def seed_mariadb(scale: Scale) -> Iterator[Figure]:
    """The same into MariaDB."""
    import pymysql

    schema = _schema(scale.rows)
    folder, server = _ready(schema), MariaDB.start()
    try:
        ours, theirs = server.fresh_database(), server.fresh_database()
        seed(schema, theirs)

        def load() -> float:
            run_script(theirs, "SET foreign_key_checks = 0; " + "; ".join(f"TRUNCATE {name}" for name in NAMES) + ";")
            with pymysql.connect(**mysql_options(theirs), local_infile=True) as connection:
                cursor = connection.cursor()
                return timed(
                    lambda: [cursor.execute(_load_data(folder, name)) for name in NAMES] and connection.commit()
                )

        task = Ours(kind="seed", schema=str(schema), url=ours)
        yield _compared(_title("MariaDB", scale), task, load, "LOAD DATA of ready rows", scale, LOADS)
    finally:
        server.stop()


def _load_data(folder: Path, name: str) -> str:
    return (
        f"LOAD DATA LOCAL INFILE '{folder / name}.csv' INTO TABLE {name} CHARACTER SET utf8mb4"
        " FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' IGNORE 1 LINES"
    )


def seed_sqlite(scale: Scale) -> Iterator[Figure]:
    """The same into SQLite."""
    schema = _schema(scale.rows)
    folder, theirs = _ready(schema), WORK / "theirs.db"
    seed(schema, f"sqlite:///{theirs}")

    def load() -> float:
        clear = "".join(f"DELETE FROM {name};\n" for name in reversed(NAMES))
        subprocess.run(["sqlite3", theirs], input=clear, text=True, check=True)
        lines = "".join(f'.import --csv --skip 1 "{folder / name}.csv" {name}\n' for name in NAMES)
        words = f"PRAGMA foreign_keys = ON;\nBEGIN;\n{lines}COMMIT;\n"
        return timed(lambda: subprocess.run(["sqlite3", theirs], input=words, text=True, check=True))

    task = Ours(kind="seed", schema=str(schema), url=f"sqlite:///{WORK / 'ours.db'}")
    yield _compared(_title("SQLite", scale), task, load, "sqlite3 .import of ready rows", scale, LOADS)


def seed_mongodb(scale: Scale) -> Iterator[Figure]:
    """The same into MongoDB."""
    import pymongo

    schema, server = _schema(scale.rows), MongoDB.start()
    try:
        ours, theirs = server.fresh_database(), server.fresh_database()
        documents = {name: _documents(read(schema), name) for name in NAMES}
        name = theirs.rpartition("/")[2].partition("?")[0]

        def insert() -> float:
            with pymongo.MongoClient(theirs) as client:
                client.drop_database(name)
                place = client[name]
                plain = {one: [dict(row) for row in made] for one, made in documents.items()}
                return timed(lambda: [place[one].insert_many(made, ordered=False) for one, made in plain.items()])

        task = Ours(kind="seed", schema=str(schema), url=ours)
        yield _compared(_title("MongoDB", scale), task, insert, "insert_many of ready documents", scale, LOADS)
    finally:
        server.stop()


def _documents(plan: SeedPlan, name: str) -> list[dict[str, Any]]:
    from bson.decimal128 import Decimal128

    found: list[dict[str, Any]] = []
    for batch in plan.table(name).batches():
        found += [{**row, "price": Decimal128(row["price"])} if "price" in row else row for row in batch.to_pylist()]
    return found


def seed_redis(scale: Scale) -> Iterator[Figure]:
    """The sales as hashes into Redis."""
    schema, server = _schema(scale.rows), Redis.start()
    try:
        ours, theirs = server.fresh_database(), server.fresh_database()
        commands = WORK / "commands.resp"
        commands.write_bytes(b"".join(_commands(read(schema))))
        place = urlsplit(theirs)
        words = ["redis-cli", "-h", str(place.hostname), "-p", str(place.port), "-n", place.path[1:], "--pipe"]
        environment = {**os.environ, "REDISCLI_AUTH": place.password or ""}

        def pipe() -> float:
            with server.client(theirs) as client:
                client.flushdb()
            with commands.open("rb") as ready:
                return timed(
                    lambda: subprocess.run(words, check=True, stdin=ready, stdout=subprocess.DEVNULL, env=environment)
                )

        task = Ours(kind="seed", schema=str(schema), url=ours)
        yield _compared(_title("Redis", scale), task, pipe, "redis-cli --pipe of ready commands", scale, LOADS)
    finally:
        server.stop()


def _commands(plan: SeedPlan) -> Iterator[bytes]:
    """HSET commands in Redis's own protocol."""
    keys = {"customers": "customers:{id}", "products": "products:{id}", "sales": "sale:{id}"}
    for name, key in keys.items():
        for batch in plan.table(name).batches():
            for row in batch.to_pylist():
                words = ["HSET", key.format(**row)]
                words += [str(word) for pair in row.items() if pair[1] is not None for word in pair]
                parts = (word.encode() for word in words)
                yield b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


def seed_files(scale: Scale) -> Iterator[Figure]:
    """Ten columns to CSV and Parquet, against pyarrow's writing of a ready table; one worker against two."""
    count = scale.rows * 10
    schema = _schema(count)
    ready = pa.Table.from_batches(read(schema).table("sales").batches(size=BATCH))
    peers: dict[str, Callable[[Path], object]] = {
        "csv": lambda path: pyarrow.csv.write_csv(ready, path),
        "parquet": lambda path: pq.write_table(ready, path, compression="zstd"),
    }
    for form, write in peers.items():
        task = Ours(kind="seed_files", schema=str(schema), place=str(WORK / form), form=form)
        peer = lambda write=write, form=form: timed(lambda: write(WORK / f"peer.{form}"))  # noqa: E731 - bound at once
        yield _compared(f"{count:,} rows × 10 to {form}", task, peer, "pyarrow writing a ready table", scale, FILES)
    works = {
        str(number): Ours(kind="spread", schema=str(schema), place=str(WORK / f"spread{number}"), workers=number)
        for number in (1, 2)
    }
    found = medians(works, scale.runs)
    yield Figure(
        f"{count:,} rows × 10 to Parquet, two workers", found["2"], found["1"], "s", against="one worker",
        value=found["1"] / found["2"], target=WORKERS, more=True, note="times as fast",
    )  # fmt: skip


def records(scale: Scale) -> Iterator[Figure]:
    """Records of five columns a second, one thread, against Faker and Mimesis."""
    import faker
    import mimesis

    table = read(FIVE.format(rows=scale.values)).table("people")
    table.batch(0, 1000)
    ours = scale.values / _middle(lambda: [None for _ in table.batches()], scale)
    invent, person, address = faker.Faker(), mimesis.Person(), mimesis.Address()
    some = 2000

    def of_faker() -> None:
        for number in range(some):
            _ = (number, invent.name(), invent.email(), invent.city(), invent.date_of_birth())

    def of_mimesis() -> None:
        for number in range(some * 5):
            _ = (number, person.full_name(), person.email(), address.city(), person.birthdate())

    for name, work, count, target in (("Faker", of_faker, some, 1000), ("Mimesis", of_mimesis, some * 5, 100)):
        theirs = count / _middle(work, scale)
        yield Figure(
            "records of five columns, one thread", ours, theirs, "/s", against=name, value=ours / theirs, target=target
        )


def _middle(work: Callable[[], object], scale: Scale) -> float:
    return medians({"one": lambda: timed(work)}, scale.runs)["one"]


def far_rows(scale: Scale) -> Iterator[Figure]:
    """Any row at once: row 10⁹ against row 0."""
    text = SCHEMA.format(rows=1_000_000_001, customers=100_000_000)
    sales = read(text).table("sales")
    sales.row(0)
    times = {
        name: medians({"row": lambda number=number: timed(lambda: [sales.row(number) for _ in range(200)])}, scale.runs)
        for name, number in (("near", 0), ("far", 1_000_000_000))
    }
    near, far = (times[name]["row"] / 200 * 1000 for name in ("near", "far"))
    yield ratio("row 1,000,000,000 of a plan", far, near, "ms", against="row 0", target=1.1)


def _title(engine: str, scale: Scale) -> str:
    return f"seed {engine}, {scale.rows:,} rows × 10 with two references"
