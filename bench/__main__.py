"""`python -m bench [NAME…] [--full]`: measures, and prints one table; `--list` names the benchmarks."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields, replace
from importlib import import_module
from shutil import rmtree

from bench.engines import MissingServerError
from bench.measure import FULL, RESULTS, WORK, Figure, Scale, table, write

BENCHMARKS = {
    "starts": "bench.starts:starts",
    "queries": "bench.queries:queries",
    "generators": "bench.generators:generators",
    "sqlite": "bench.exports:sqlite",
    "postgresql": "bench.exports:postgresql",
    "mariadb": "bench.exports:mariadb",
    "memory": "bench.exports:memory",
    "subset": "bench.subset:subset",
    "records": "bench.seeding:records",
    "far_rows": "bench.seeding:far_rows",
    "seed_postgresql": "bench.seeding:seed_postgresql",
    "seed_mariadb": "bench.seeding:seed_mariadb",
    "seed_sqlite": "bench.seeding:seed_sqlite",
    "seed_mongodb": "bench.seeding:seed_mongodb",
    "seed_redis": "bench.seeding:seed_redis",
    "seed_files": "bench.seeding:seed_files",
    "capture_sanitising": "bench.capture_sanitising:sanitising",
    "server": "bench.server:server",
    "gateway": "bench.gateway:gateway",
    "capture_recording": "bench.capture_recording:recording",
    "capture_calls": "bench.capture_calls:calls",
    "capture_playing": "bench.capture_playing:playing",
    "capture_analysis": "bench.capture_analysis:analysis",
}
ONLY_FULL = ("memory",)


def main() -> None:
    chosen = _options().parse_args()
    if chosen.list:
        print("\n".join(BENCHMARKS))
        return
    scale = replace(FULL if chosen.full else Scale(), **_given(chosen))
    names = chosen.names or [name for name in BENCHMARKS if chosen.full or name not in ONLY_FULL]
    WORK.mkdir(parents=True)
    begin = _load()
    try:
        figures = list(_measure(names, scale))
    finally:
        rmtree(WORK)
    print(f"\n{table(figures)}\n\nload average before {begin}, after {_load()}; {scale}")
    facts = {"load_before": begin, "load_after": _load(), "python": sys.version, "processors": os.cpu_count()}
    write(figures, RESULTS / "results.json", **facts, scale=asdict(scale), names=names)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", choices=[*BENCHMARKS, []])
    options.add_argument("--full", action="store_true", help="the sizes of the figures to reach")
    options.add_argument("--list", action="store_true")
    for size in fields(Scale):
        options.add_argument(f"--{size.name}", type=int)
    return options


def _given(chosen: argparse.Namespace) -> dict[str, int]:
    sizes = {size.name: getattr(chosen, size.name) for size in fields(Scale)}
    return {name: value for name, value in sizes.items() if value is not None}


def _measure(names: Sequence[str], scale: Scale) -> Iterator[Figure]:
    for name in names:
        module, function = BENCHMARKS[name].split(":")
        benchmark: Callable[[Scale], Iterator[Figure]] = getattr(import_module(module), function)
        start = time.perf_counter()
        try:
            for figure in benchmark(scale):
                print(*figure.cells()[:6], sep="  ", file=sys.stderr, flush=True)
                yield figure
        except MissingServerError as error:
            print(f"{name} is left out: {error}", file=sys.stderr, flush=True)
        print(f"{name}: {time.perf_counter() - start:.0f} s, load {_load()}", file=sys.stderr, flush=True)


def _load() -> str:
    """The load average of one and of five minutes, where the system knows it."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg()[:2]) if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
