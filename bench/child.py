"""One of our calls in a process of its own: `python -m bench.child TASK`; seconds, rows and peak memory as JSON."""

from __future__ import annotations

import json
import sys
from statistics import median
from typing import Any

from bench.measure import peak, timed

KEY = bytes(range(32))


def main() -> None:
    task = json.loads(sys.argv[1])
    kind = task.pop("kind")
    kinds = {
        "slice": slice_of, "run": run, "seed": seeded, "seed_files": filed, "spread": spread_over, "analyse": analysed,
    }  # fmt: skip
    print(json.dumps({**kinds[kind](**task), "peak": peak()}))


def run(template: str, url: str, output: str, *, scan: bool = True, **parameters: Any) -> dict[str, float]:
    """`hotfixture.run`; planning once before is what imports everything."""
    import hotfixture

    if not scan:
        _leave_out_the_scan()
    asked: dict[str, Any] = {"providers": {"P": url}, "parameters": parameters, "key": KEY}
    hotfixture.plan(template, **asked)
    packages = []
    seconds = timed(lambda: packages.append(hotfixture.run(template, **asked, output=output)))
    return {"seconds": seconds, "rows": sum(packages[0].rows.values())}


def seeded(schema: str, url: str) -> dict[str, float]:
    """`hotfixture.seed` into tables made anew."""
    from hotfixture.plans.seed import read
    from hotfixture.plans.seed.calls import seed

    plan = read(schema)
    plan.tables[0].batch(0, 10)
    return {"seconds": timed(lambda: seed(plan, url, replace=True)), "rows": plan.rows}


def filed(schema: str, place: str, form: str) -> dict[str, float]:
    """The table of sales into one file."""
    from hotfixture.plans.seed import read
    from hotfixture.plans.seed.files import Filing, Shard, write_shard

    plan = read(schema)
    table = plan.table("sales")
    table.batch(0, 10)
    shard = Shard(table.name, 0, table.count, f"sales.{form}")

    def write() -> None:
        with open(f"{place}.{form}", "wb") as stream:
            write_shard(plan, shard, Filing(form), stream, threads=True)

    return {"seconds": timed(write), "rows": table.count}


def spread_over(schema: str, place: str, workers: int) -> dict[str, float]:
    """All tables into Parquet, by so many processes."""
    from hotfixture.plans.seed import read
    from hotfixture.plans.seed.files import Filing
    from hotfixture.plans.seed.spread import spread

    plan = read(schema)
    return {
        "seconds": timed(lambda: spread(plan, place, Filing("parquet", shards=4), workers=workers)),
        "rows": plan.rows,
    }


def analysed(folder: str) -> dict[str, float]:
    """All sessions of a folder; an empty one before is what imports everything."""
    from hotfixture.capture.analysis.analyzer import CaptureAnalyzer

    CaptureAnalyzer(f"{folder}/none").analyze_captures()
    found: list[dict[str, Any]] = []
    seconds = timed(lambda: found.append(CaptureAnalyzer(folder).analyze_captures()))
    return {"seconds": seconds, "rows": found[0]["total_interactions"]}


def _leave_out_the_scan() -> None:
    """Only here: no user can do without the proof that no original is in the package."""
    from hotfixture.transforms.scan import Originals

    Originals.learn = lambda *_: None  # type: ignore[method-assign]  # the point of it
    Originals.learn_together = lambda *_: None  # type: ignore[method-assign]  # as above
    Originals.scan = lambda *_: []  # type: ignore[method-assign]  # as above


def slice_of(url: str, where: str, times: int = 1) -> dict[str, float]:
    """A subset with all descendants, read and counted; seconds without opening and inspecting, the middle of some."""
    from hotfixture.databases import open_database
    from hotfixture.plans.extract import extract
    from hotfixture.transforms.subset_plan import Include, Root, SubsetSpec, plan_subset

    with open_database(url) as database:
        schema = database.inspect()

        def work(condition: str) -> int:
            sink = Counting()
            with database.snapshot():
                plan = plan_subset(schema, SubsetSpec((Root("customers", where=condition),), {"*": Include()}))
                extract(database, plan, lambda _: sink)
            return sink.rows

        work("id = 1")  # imports
        rows: list[int] = []
        seconds = [timed(lambda: rows.append(work(where))) for _ in range(times)]
        return {"seconds": median(seconds), "rows": rows[0]}


class Counting:
    """A sink that counts rows."""

    rows = 0

    def write(self, batch: Any) -> None:
        self.rows += batch.num_rows


if __name__ == "__main__":
    main()
