"""Backups on the real servers: what comes back is what was there, and what is not whole is refused."""

from __future__ import annotations

from pathlib import Path

from tests.engines import SHOP, Anywhere, anywhere

from hotfixture.plans.backup import backup, restore

__all__ = ["anywhere"]


def test_a_shop_comes_back(anywhere: Anywhere, tmp_path: Path) -> None:
    made = backup(anywhere.filled(SHOP), tmp_path / "backup")
    assert made.verified
    assert {table.name.rpartition(".")[2]: table.rows for table in made.tables}["order_lines"] == 4
    assert restore(anywhere.fresh(), tmp_path / "backup") == made
