"""`hfitd classify`: a drafted policy for a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.plans.policy_draft import draft
from hotfixture.server.gateway.sources.opening import connected

if TYPE_CHECKING:
    from hotfixture.server.gateway.places import Provider


def classify(provider: Provider, *, samples: bool = True) -> str:
    """The text of a policy that decides about every column; no value of a row stands in it.

    Without `samples` columns are suspected by their names alone. DatabaseError where the provider cannot be read.
    """
    with connected(provider, fresh=False) as database:
        return draft(database, provider.name, samples=samples)
