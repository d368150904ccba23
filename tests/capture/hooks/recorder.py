"""A session for tests: asks clients while it records, and tells what it kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.capture.hooks.clients import Client, Seen

from hotfixture.capture import tapes
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.session import Session


class Recorder:
    """`folder` is where the session is. What is kept is as it was: these tests are of the hooks."""

    def __init__(self, folder: Path, *, keep: bool = True) -> None:
        self.session = Session("http", directory=folder, within=True, rules={"keep": ["*"]} if keep else None)
        self.folder = self.session.folder

    def record(self, client: Client, method: str, url: str, way: str = "", **options: Any) -> Seen:
        """What the program sees while it is recorded."""
        with tapes.under(self.session):
            return client.ask(method, url, way, **options)

    @property
    def interactions(self) -> list[Interaction]:
        """What was kept, in the order of the beginnings; nothing went wrong on the way."""
        assert not self.session.problems
        return sorted(self.session.interactions, key=lambda one: one.number)

    @staticmethod
    def sent(one: Interaction) -> bytes:
        """The body of a request."""
        return bodies.raw_of(one.request["body"])
