"""The command `hfitd`: the daemon beside the production databases."""

from __future__ import annotations

import sys

from hotfixture.cli import output
from hotfixture.cli.lazy import program

_START, _PEOPLE, _SOURCES = (f"hotfixture.cli.hfitd_{name}" for name in ("start", "people", "sources"))
LATER = {
    "audit": ("hotfixture.cli.hfitd_audit:audit", "Prove, export and sign the audit."),
    "check": (f"{_START}:check", "Check settings, keys, policy, store, volumes and providers; every problem at once."),
    "classify": (f"{_SOURCES}:classify", "Draft a masking policy from what a provider holds, with evidence."),
    "completion": ("hotfixture.cli.completion:completion", "Print the script by which a shell completes commands."),
    "init": (f"{_START}:init", "Make settings, policy, keys and store in a folder."),
    "key": ("hotfixture.cli.hfitd_keys:key", "Replace the key that signs sessions."),
    "provider": (f"{_SOURCES}:provider", "Try a provider: reachable, read-only, snapshot, version, lag."),
    "serve": (f"{_START}:serve", "Serve packages to those who may have them."),
    "team": (f"{_PEOPLE}:team", "Teams and who is in them."),
    "template": ("hotfixture.cli.hfitd_templates:template", "Approve templates, or take an approval back."),
    "token": (f"{_PEOPLE}:token", "Service tokens for CI."),
    "user": (f"{_PEOPLE}:user", "Users, their keys and roles."),
    "worker": (f"{_START}:worker", "Build packages beside a daemon that serves, without serving."),
}
"""Commands that stand elsewhere and are imported when they are asked for."""


@program("hfitd", LATER)
def hfitd() -> None:
    """Stand beside production databases and serve approved, masked packages of them."""


def main() -> None:
    """The entry point of the command."""
    sys.exit(output.run(hfitd))
