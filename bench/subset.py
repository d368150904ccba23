"""Subsets of a shop: one customer against the same joins by hand, and rows per second of many customers."""

from __future__ import annotations

import re
import statistics
import subprocess
from collections.abc import Iterator

from bench.engines import Engine, engine
from bench.measure import WORK, Figure, Ours, Scale, medians, ratio
from bench.shop import BY_HAND, ONE, shop

TIMES = 9
"""How often a small slice is cut in one process, by us and by psql."""
TEMPLATE = """name: shop
parameters: {first: {type: integer}, last: {type: integer}}
exports:
  shop: {type: subset, provider: P, root: customers, where: "id BETWEEN ${first} AND ${last}", include: {"*": {}}}
"""


def subset(scale: Scale) -> Iterator[Figure]:
    """PostgreSQL, where the target stands, and SQLite."""
    for name, end in (("postgresql", "VACUUM ANALYZE"), ("sqlite", "ANALYZE")):
        with engine(name) as place:
            place.run(shop(scale.customers, end=end))
            if name == "postgresql":
                yield from _one(place, scale)
            yield from _many(place, scale)


def _one(place: Engine, scale: Scale) -> Iterator[Figure]:
    """One customer, in a large shop and in a shop of a tenth of its size."""
    with engine("postgresql") as smaller:
        smaller.run(shop(scale.customers // 10, end="VACUUM ANALYZE"))
        ours, small = _slice(place, f"id = {ONE}", TIMES), _slice(smaller, f"id = {ONE}", TIMES)
        works = {"ours": ours, "small": small, "hand": lambda: _by_hand(place)}
        found = {key: seconds * 1000 for key, seconds in medians(works, scale.runs).items()}
        run = _run(place, ONE, ONE)
        note = f"{ours.rows} rows; {run() * 1000:.0f} ms with opening, inspecting, planning and writing the package"
    work = f"one customer of {scale.customers:,}, {scale.customers * 10:,} lines, PostgreSQL"
    yield ratio(work, found["ours"], found["hand"], "ms", against="joins in psql", target=3, peak=ours.peak, note=note)
    against = f"of {scale.customers // 10:,} customers"
    yield ratio("the same slice of a shop ten times as large", found["ours"], found["small"], "ms", against=against)


def _by_hand(place: Engine) -> float:
    """Seconds that psql itself measures for the joins, connecting left out; the middle of some times in one session."""
    script = "\\timing on\n\\o /dev/null\n" + BY_HAND * TIMES
    done = subprocess.run(["psql", "-X", "-q", place.url], input=script, check=True, stdout=subprocess.PIPE, text=True)
    times = [float(found) for found in re.findall(r"^Time: ([\d.]+) ms", done.stdout, re.MULTILINE)]
    queries = BY_HAND.count(";")
    return statistics.median(sum(times[start : start + queries]) for start in range(0, len(times), queries)) / 1000


def _slice(place: Engine, where: str, times: int = 1) -> Ours:
    return Ours(kind="slice", url=place.url, where=where, times=times)


def _run(place: Engine, first: int, last: int) -> Ours:
    template = WORK / "shop.yaml"
    template.write_text(TEMPLATE)
    output = str(WORK / "shop.sql")
    return Ours(kind="run", template=str(template), url=place.url, output=output, first=first, last=last)


def _many(place: Engine, scale: Scale) -> Iterator[Figure]:
    read, written = _slice(place, f"id <= {scale.many}"), _run(place, 1, scale.many)
    found = medians({"read": read, "written": written}, scale.runs)
    for key, ours, words in (("read", read, "read"), ("written", written, "to a script")):
        rate = ours.rows / found[key]
        work = f"subset of {scale.many:,} customers with all descendants, {place.name}, {words}"
        yield Figure(work, rate, None, "/s", "", rate, "/s", 200_000, ours.peak, f"{ours.rows:,} rows")
    yield Figure(f"memory of that subset, {place.name}", written.peak, None, "MB", "", written.peak, "MB", 500)
