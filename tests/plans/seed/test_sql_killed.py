"""A run that is killed at any moment loses nothing and doubles nothing: another one goes on where it was."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.engines import Anywhere

from hotfixture.databases import open_database
from hotfixture.errors import InputError
from hotfixture.plans.seed.calls import compare, seed, unseed

PLAN = """
tables:
  - name: teams
    count: 1000
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: lead_id, references: {to: members.id, null: 0.2}}
  - name: members
    count: 2000
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: team_id, references: teams.id, nullable: false}
      - {name: email, generator: email, unique: true}
  - name: notes
    count: 2000
    columns:
      - {name: member_id, references: members.id}
      - {name: noted_at, every: 1h, start: 2024-03-04}
      - {name: text, generator: sentence}
"""
CHILD = """
import sys, random
from pathlib import Path
from hotfixture.plans.seed.calls import seed, unseed
kind, plan, url = sys.argv[1:4]
append = {"members": 500, "notes": 500} if kind == "append" else None
print("ready", flush=True)
sys.stdin.readline()
if kind == "unseed":
    unseed(Path(plan), url)
else:
    seed(Path(plan), url, batch_size=50, append=append)
"""
KINDS = ("seed", "append", "unseed")


def _killed(kind: str, plan: Path, url: str, seconds: float) -> None:
    """Begin a run in a process of its own and kill it so much later."""
    words = [sys.executable, "-c", CHILD, kind, str(plan), url]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        child.stdout.readline()
        child.stdin.write(b"\n")
        child.stdin.flush()
        time.sleep(seconds)
        child.kill()


def _counts(url: str) -> list[int]:
    tables = ("teams", "members", "notes")
    with open_database(url) as database:
        return [int(str(database.fetch(f"SELECT count(*) FROM {name}")[0][0])) for name in tables]


def _whole(plan: Path, url: str, counts: list[int]) -> None:
    assert _counts(url) == counts
    assert [one for one in compare(plan, url) if not one.holds] == []
    leads = "SELECT count(*), count(lead_id) FROM teams WHERE id IS NOT NULL"
    with open_database(url) as database:
        teams, led = (int(str(found)) for found in database.fetch(leads)[0])
        assert database.fetch("SELECT count(DISTINCT noted_at) FROM notes") == [(counts[2],)]
    assert 0.7 * teams < led < 0.9 * teams


def _survives(anywhere: Anywhere, folder: Path, chance: random.Random) -> None:
    """Killed while it is filled, while it grows, and while it is emptied; taken up again each time."""
    plan, url = folder / "plan.yaml", anywhere.fresh()
    plan.write_text(PLAN)
    _killed("seed", plan, url, chance.uniform(0.02, 1.0))
    seed(plan, url)
    _whole(plan, url, [1000, 2000, 2000])
    _killed("append", plan, url, chance.uniform(0.02, 0.8))
    before = _counts(url)
    seed(plan, url)  # finishes the growth, where it had begun
    grown = [1000, 2500, 2500]
    assert _counts(url) in (before, grown)
    if _counts(url) != grown:
        seed(plan, url, append={"members": 500, "notes": 500})
    _whole(plan, url, grown)
    _killed("unseed", plan, url, chance.uniform(0.02, 0.8))
    if 0 < sum(_counts(url)) < sum(grown):
        with pytest.raises(InputError, match="unseed"):
            seed(plan, url)
    unseed(plan, url)
    assert _counts(url) == [0, 0, 0]


def test_a_killed_run_is_taken_up_without_loss_or_double(anywhere: Anywhere, tmp_path: Path) -> None:
    _survives(anywhere, tmp_path, random.Random(7))


@pytest.mark.soak
@pytest.mark.parametrize("number", range(7))
def test_twenty_runs_killed_at_any_point_lose_and_double_nothing(
    anywhere: Anywhere, tmp_path: Path, number: int
) -> None:
    _survives(anywhere, tmp_path, random.Random(number))
