"""A daemon with the routes of identity alone, on a free loopback port of this process, and a client for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from hotfixture.identity import challenges, signatures
from hotfixture.identity.signatures import Signer
from hotfixture.server.gateway import app
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.identity.keeper import Keeper
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.settings import make_key


class Daemon:
    """A running daemon; several may share a folder or a store's URL."""

    def __init__(self, folder: Path, store: str = "", **more: Any) -> None:
        make_key(folder / "seal.key")
        self.settings = DaemonSettings(data=folder, store=store, port=0, workers=0, rate_limit="", **more)
        gateways: list[Gateway] = []
        real = app.Gateway
        app.Gateway = lambda *parts: gateways.append(real(*parts)) or gateways[0]  # type: ignore[assignment,misc,func-returns-value,return-value]  # to hold what it makes
        try:
            built = app.build(self.settings)
        finally:
            app.Gateway = real  # type: ignore[misc]  # as it was
        self.gateway = gateways[0]
        config = uvicorn.Config(built, port=0, log_config=None, lifespan="on", loop="asyncio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.005)
        assert self._server.started
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        self.client = httpx.Client(base_url=f"http://{self.host}", timeout=30, trust_env=False)

    @property
    def keeper(self) -> Keeper:
        """What it keeps of identity."""
        found: Keeper = self.gateway.parts["identity"]
        return found

    @property
    def state(self) -> Any:
        """Its store."""
        return self.gateway.state

    def stop(self) -> None:
        """End it."""
        self.client.close()
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()

    # ---- what clients do

    def challenge(self, account: str, host: str = "") -> dict[str, Any]:
        """A challenge."""
        answer = self.client.post("/auth/challenge", json={"account": account, "host": host or self.host})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def answer(self, asked: dict[str, Any], signature: str) -> httpx.Response:
        """Answer a challenge."""
        return self.client.post("/auth/session", json={"challenge": asked["challenge"], "signature": signature})

    def log_in(self, signer: Signer, account: str) -> httpx.Response:
        """Log in as a client does: read the text, sign it."""
        asked = self.challenge(account)
        made = challenges.read(asked["text"], host=self.host, account=account)
        space = challenges.namespace(self.host)
        assert asked["namespace"] == space
        return self.answer(asked, signatures.sign(signer, made.text.encode(), space))

    def token(self, signer: Signer, account: str) -> str:
        """The token of a new session."""
        answer = self.log_in(signer, account)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["token"]
        return found

    def ask(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        """A request with a bearer token."""
        return self.client.request(method, path, headers={"authorization": f"Bearer {token}"}, **more)

    def who(self, token: str) -> httpx.Response:
        """`GET /api/whoami`."""
        return self.ask("GET", "/api/whoami", token)
