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
    print(json.dumps({**(slice_of(**task) if kind == "slice" else run(**task)), "peak": peak()}))


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


def _leave_out_the_scan() -> None:
    """Only here: no user can do without the proof that no original is in the package."""
    from hotfixture.transforms.scan import Originals

    Originals.learn = lambda *_: None  # type: ignore[method-assign]  # the point of it
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
