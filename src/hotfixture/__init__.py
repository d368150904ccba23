"""Test data that behaves like production and exposes nobody.

Everything the commands do is a call here; each is imported on first use::

    hotfixture.run("template.yaml", providers={"PROD_REPLICA": "postgresql://…"}, parameters={"customer_ids": [12847]})
    hotfixture.plan("template.yaml", …)
    hotfixture.inspect("postgresql://…")
    hotfixture.verify("incident/")
    hotfixture.generate("email", count=1000, seed=7)
    hotfixture.seed("schema.yaml", "postgresql://…")
    hotfixture.table("schema.yaml", "users")
    hotfixture.row("schema.yaml", "users", 123456)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotfixture.generators import generate
    from hotfixture.plans.calls import plan, run
    from hotfixture.plans.inspection import inspect
    from hotfixture.plans.seed.calls import row, seed, table
    from hotfixture.plans.verification import verify

__version__ = "0.1.0"
__all__ = ["generate", "inspect", "plan", "row", "run", "seed", "table", "verify"]

_PLACES = {
    "generate": "hotfixture.generators",
    "inspect": "hotfixture.plans.inspection",
    "plan": "hotfixture.plans.calls",
    "row": "hotfixture.plans.seed.calls",
    "run": "hotfixture.plans.calls",
    "seed": "hotfixture.plans.seed.calls",
    "table": "hotfixture.plans.seed.calls",
    "verify": "hotfixture.plans.verification",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
