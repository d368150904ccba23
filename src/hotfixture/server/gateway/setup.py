"""`hfitd init`: commented settings, a policy that lets nothing pass, keys that only their owner reads, a store."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from hotfixture.errors import HotFixtureError, InputError, Problem
from hotfixture.settings import make_key

SETTINGS = "hfitd.yaml"
POLICY = "masking.yaml"
KEYS = "keys"
DATA = "data"

_SETTINGS = """\
# hfitd: stands beside production databases and serves approved, masked packages of them.
# Every key is also a flag (--port) and a variable (HFITD_PORT). Relative paths count from this file.
# All keys: docs/reference/hfitd.md. See that nothing is wrong: hfitd check

# Where it listens. Anything but this machine needs TLS, or a proxy in front that does it.
host: 127.0.0.1
port: 8443
# url: https://fixtures.example.com        # what clients call it; logins are bound to it
# tls_cert: /etc/hfitd/tls.crt
# tls_key: /etc/hfitd/tls.key
# behind_proxy: true
# trusted_proxies: 10.0.0.0/8              # whose X-Forwarded-For is believed

data: data                                 # store, packages; several daemons share it
# store: postgresql://hfitd@db/hfitd       # for several daemons; else SQLite in `data` (HFITD_STORE holds passwords)
# rate_store: redis://cache:6379/0         # counts requests for several daemons

policy: masking.yaml                       # what is sensitive; draft one: hfitd classify NAME > masking.yaml
masking_key: keys/masking.key              # another key gives other masks: keep it, back it up
seal_key: keys/seal.key                    # seals the secrets in the store

approval: required                         # or: off. Templates are approved by somebody other than their author
approval_ttl: 90d

# Production databases. A password never stands here: env:NAME, file:/run/secrets/name or keyring:service/account.
# Who may read one are the teams that it names; with none, nobody.
providers: {}
#  PROD_REPLICA:
#    url: postgresql://reader@replica.internal/shop
#    password: env:PROD_REPLICA_PASSWORD
#    teams: [payments]
#    connections: 4                        # most that production ever sees of all daemons together
#    exports: 2                            # packages that read it at once
#    statement_timeout: 5m
#    max_lag: 60s                          # refuses to read a replica that is further behind
#    previews: false                       # whether masked rows may be looked at

# Folders and buckets of files.
volumes: {}
#  logs:
#    place: /var/log/app
#    teams: [payments]
#  invoices:
#    place: s3://bucket/prefix
#    teams: ["*"]
"""

_POLICY = """\
# What is sensitive, and which mask it gets. Until a column is decided about, nothing that holds it leaves.
# A draft with evidence: hfitd classify PROVIDER > masking.yaml
default: deny
rules: []
#  - {match: customers.email, mask: email}
#  - {class: last_name, mask: last_name}
#  - {match: ["*.id", "*_id"], keep: surrogate numbers}
"""

_IGNORED = f"{KEYS}/\n{DATA}/\n"


def init(folder: Path) -> list[Path]:
    """Make what a daemon needs in `folder`; the paths that were made. Nothing is made where any of it stands already.

    Raises InputError with all that stands there, HotFixtureError where the folder cannot be written.
    """
    folder = folder.absolute()
    wanted = [folder / name for name in (SETTINGS, POLICY, KEYS, DATA)]
    standing = [Problem(f"{path} is there already") for path in wanted if path.exists()]
    if standing:
        raise InputError.of([*standing[:-1], standing[-1]._replace(hint="Name another folder, or move it away.")])
    made: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for step in (_texts, _keys, _store):
            made += step(folder)
    except (OSError, HotFixtureError) as error:
        _undo([*made, *wanted])
        if isinstance(error, OSError):
            raise HotFixtureError(f"{folder} cannot be written: {error.strerror}") from None
        raise
    return made


def _texts(folder: Path) -> list[Path]:
    made = []
    for name, text in ((SETTINGS, _SETTINGS), (POLICY, _POLICY)):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        made.append(path)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text(_IGNORED, encoding="utf-8", newline="\n")
        made.append(ignored)
    return made


def _keys(folder: Path) -> list[Path]:
    keys = folder / KEYS
    keys.mkdir(mode=0o700)
    found = [keys / "masking.key", keys / "seal.key"]
    for path in found:
        make_key(path)
    return found


def _store(folder: Path) -> list[Path]:
    from hotfixture.server.gateway.state import State

    State("", folder / DATA).close()
    return [folder / DATA / "hfitd.sqlite"]


def _undo(paths: list[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):  # what was not made is not there
                path.unlink()
