"""A real `hfitd serve`, started as a process on a free loopback port, with a small shop as its production database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.server.serving import BIN, Serving

from hotfixture.cli import output
from hotfixture.cli.hfitd import hfitd
from hotfixture.identity import keys, private, signatures
from hotfixture.server.gateway.actors import Actor, system
from hotfixture.server.gateway.identity import accounts, service_tokens
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.settings import load
from hotfixture.wire.identity import ServiceTokenAsked

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, status TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total NUMERIC);
INSERT INTO customers VALUES (1, 'anna.kern@firm.test', 'Anna Kern', 'new'), (2, 'bo.lund@firm.test', 'Bo Lund', 'old');
INSERT INTO orders VALUES (1, 1, 10.5), (2, 1, 20), (3, 2, 30);
"""
POLICY = """
default: deny
rules:
  - {match: customers.email, mask: email}
  - {match: customers.name, mask: full_name}
  - {match: ["*.id", "*.customer_id"], keep: surrogate numbers}
  - {match: ["*.status", "*.total"], keep: true}
files:
  - {match: "logs:**/*.log", text: scrub}
"""
TEMPLATE = """
templateName: {name}
description: One customer with orders
parameters:
  customer_id: {{type: integer, description: the customer}}
exports:
  customers:
    type: subset
    provider: SHOP
    root: customers
    where: id = ${{customer_id}}
    include: {{orders: {{}}}}
"""


def settings_of(folder: Path) -> DaemonSettings:
    """The settings of a daemon's folder."""
    found: DaemonSettings = load(config=folder / "hfitd.yaml", environment={}, form=DaemonSettings)
    return found


def set_up(folder: Path, *, more: str = "", store: str = "") -> None:
    """Settings, policy, keys and a shop: what `hfitd init` makes, with a provider and a volume named."""
    folder.mkdir(parents=True, exist_ok=True)
    assert output.run(hfitd, ["init", str(folder)]) == 0  # in this process: tests/cli/test_hfitd.py begins others
    with sqlite3.connect(folder / "shop.db") as shop:
        shop.executescript(SHOP)
    shop.close()
    logs = folder / "logs"
    logs.mkdir()
    (logs / "app.log").write_text("anna.kern@firm.test logged in\n", encoding="utf-8")
    (folder / "masking.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "hfitd.yaml").write_text(
        f"""
port: 0
data: data
policy: masking.yaml
masking_key: keys/masking.key
seal_key: keys/seal.key
rate_limit: "off"
rate_limits: {{}}
providers:
  SHOP: {{url: "sqlite:///{folder / "shop.db"}", teams: [payments], previews: true}}
volumes:
  logs: {{place: "{logs}", teams: [payments]}}
{more}
"""
        + (f"store: {store}\n" if store else ""),
        encoding="utf-8",
    )


class Daemon(Serving):
    """A running daemon; several may share a folder."""

    def __init__(
        self,
        folder: Path,
        *flags: str,
        environment: Mapping[str, str] | None = None,
        log: str = "log",
        anew: bool = False,
    ) -> None:
        self.folder = folder
        command = [str(BIN / "hfitd"), "serve", "--config", str(folder / "hfitd.yaml"), *flags]
        super().__init__(command, folder / log, own="HFIT", environment=environment, anew=anew)

    # ---- who asks

    def state(self) -> State:
        """The daemon's store, opened beside it."""
        found = settings_of(self.folder)
        return State(found.store, found.folder)

    def user(self, name: str, *, roles: Sequence[str] = ("developer",), teams: Sequence[str] = ("payments",)) -> Path:
        """A user with a key of their own; the file of its private half."""
        path = self.folder / f"{name.partition('@')[0]}.key"
        made = Ed25519PrivateKey.generate()
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
        path.write_bytes(made.private_bytes(*form))
        path.chmod(0o600)
        line = made.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        (path.with_suffix(".pub")).write_bytes(line + b"\n")
        state = self.state()
        try:
            accounts.add_user(state, system(), name, roles=roles, teams=teams, keys=[keys.read(line, "key")])
        finally:
            state.close()
        return path

    def login(self, name: str, key: Path, *, host: str = "") -> dict[str, str]:
        """The header of a session that was begun with a key; `host` is what the daemon's `url` names, if it has one."""
        host = host or self.url.partition("//")[2]
        asked = self.client.post("/auth/challenge", json={"account": name, "host": host})
        asked.raise_for_status()
        told = asked.json()
        signed = signatures.sign(private.read_file(key), told["text"].encode(), told["namespace"])
        begun = self.client.post("/auth/session", json={"challenge": told["challenge"], "signature": signed})
        begun.raise_for_status()
        return {"authorization": f"Bearer {begun.json()['token']}"}

    def somebody(self, name: str, **facts: Any) -> dict[str, str]:
        """The header of a new user who has logged in."""
        return self.login(name, self.user(name, **facts))

    def token(self, name: str, **facts: Any) -> dict[str, str]:
        """The header of a new service token."""
        state = self.state()
        try:
            made = service_tokens.make(
                state, Actor("admin", "system", frozenset()), ServiceTokenAsked(name=name, **facts)
            )
        finally:
            state.close()
        return {"authorization": f"Bearer {made.token}"}
