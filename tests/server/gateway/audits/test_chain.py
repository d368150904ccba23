"""Verification finds any change, removal, addition or reordering of events, and says where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.audits import chain
from hotfixture.server.gateway.audits.heads import FILE, Head, HeadKey, kept, sign_newest
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, HEADS

KEY = HeadKey(Seal(bytes(range(32))))


def filled(state: State, number: int = 6) -> None:
    """Some events; the fourth and the last are signed."""
    for count in range(number):
        audit.note(state, system(), "template.created", f"t{count}", number=count)
        if count == 3:
            sign_newest(state, KEY)
    sign_newest(state, KEY)


def run(state: State, *statements: sa.Executable) -> None:
    """What somebody with access to the store would do."""
    with state.change() as connection:
        for statement in statements:
            connection.execute(statement)


def rehash(state: State, first: int) -> None:
    """Make the chain fit itself again from an event on, as an attacker who knows its form would."""
    with state.change() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.seq)).mappings()]
        previous = audit.FIRST
        for row in rows:
            if row["seq"] >= first:
                row["previous"] = previous
                digest = audit.digest_of(row)
                values = {"previous": previous, "hash": digest}
                connection.execute(AUDIT.update().where(AUDIT.c.seq == row["seq"]).values(**values))
                row["hash"] = digest
            previous = row["hash"]


def test_a_chain_that_nobody_touched_is_whole(state: State) -> None:
    filled(state)
    found = chain.verify(state, KEY)
    assert (found.whole, found.events, found.heads, found.last, found.problems) == (True, 6, 2, 6, [])


@pytest.mark.parametrize("column", ["at", "kind", "actor", "actor_kind", "address", "request", "subject", "facts"])
def test_a_change_of_any_column_is_found_at_its_event(state: State, column: str) -> None:
    filled(state)
    run(state, AUDIT.update().where(AUDIT.c.seq == 3).values({column: 1.5 if column == "at" else "other"}))
    assert chain.verify(state, KEY).problems == ["event 3: was changed"]


Tampering = Callable[[State], None]


def remove(state: State) -> None:
    """An event in the middle is gone, the rest moved up and made to fit."""
    run(state, AUDIT.delete().where(AUDIT.c.seq == 2))
    for seq in range(3, 7):
        run(state, AUDIT.update().where(AUDIT.c.seq == seq).values(seq=seq - 1))
    rehash(state, 2)


def swap(state: State) -> None:
    """Two events change places, and the chain is made to fit."""
    moves = ((1, 99), (2, 1), (99, 2))
    run(state, *(AUDIT.update().where(AUDIT.c.seq == one).values(seq=other) for one, other in moves))
    rehash(state, 1)


def cut(state: State) -> None:
    """The last two events are gone, with their head."""
    run(state, AUDIT.delete().where(AUDIT.c.seq > 4), HEADS.delete().where(HEADS.c.seq > 4))


def rewrite(state: State) -> None:
    """An event is changed, and the chain made to fit."""
    run(state, AUDIT.update().where(AUDIT.c.seq == 5).values(actor="somebody else"))
    rehash(state, 5)


def empty(state: State) -> None:
    """Everything is gone."""
    run(state, AUDIT.delete(), HEADS.delete())


def forge(state: State) -> None:
    """A head says what was never signed."""
    rewrite(state)
    with state.read() as connection:
        digest = connection.execute(sa.select(AUDIT.c.hash).where(AUDIT.c.seq == 6)).scalar()
    run(state, HEADS.update().where(HEADS.c.seq == 6).values(hash=digest))


@pytest.mark.parametrize("tamper", [remove, swap, cut, rewrite, empty, forge], ids=lambda one: one.__name__)
def test_who_can_rewrite_the_whole_store_is_found_out_by_what_was_signed(state: State, tamper: Tampering) -> None:
    filled(state)
    tamper(state)
    found = chain.verify(state, KEY)
    assert not found.whole
    assert found.problems


def test_a_gap_and_an_event_that_follows_nothing_are_named(state: State) -> None:
    filled(state)
    run(state, AUDIT.delete().where(AUDIT.c.seq.in_([2, 3])))
    assert chain.verify(state, KEY).problems[:2] == [
        "events 2 to 3 are missing",
        "event 4: does not follow the event before it",
    ]


def test_an_exported_head_shows_a_cut_that_also_took_the_heads_file(state: State) -> None:
    filled(state)
    exported = kept(state.folder)
    assert exported is not None
    cut(state)
    (state.folder / FILE).unlink()
    assert chain.verify(state, KEY).whole
    assert chain.verify(state, KEY, heads=[exported]).problems == ["events 5 to 6 were signed and are missing"]


def test_another_key_makes_no_head_that_holds(state: State) -> None:
    filled(state)
    other = HeadKey(Seal(bytes(range(1, 33))))
    assert chain.verify(state, other).problems[0] == "head 4: its signature does not hold"


def test_the_file_of_the_head_never_goes_back(state: State, tmp_path: Path) -> None:
    filled(state)
    newest = kept(state.folder)
    run(state, AUDIT.delete().where(AUDIT.c.seq > 2), HEADS.delete())
    sign_newest(state, KEY)
    assert kept(state.folder) == newest


def test_a_damaged_file_of_the_head_is_a_problem_of_its_own(state: State) -> None:
    filled(state)
    (state.folder / FILE).write_text("{", encoding="utf-8")
    assert "is damaged" in chain.verify(state, KEY).problems[0]


def test_an_empty_chain_is_whole_and_has_no_head(state: State) -> None:
    assert sign_newest(state, KEY) is None
    assert chain.verify(state, KEY).whole


def test_a_signed_head_survives_its_own_json(state: State) -> None:
    filled(state)
    head = kept(state.folder)
    assert head is not None
    again = Head(**json.loads(json.dumps({name: getattr(head, name) for name in Head.__slots__})))
    assert KEY.holds(again)


def test_events_are_read_in_pieces_without_loss(state: State, monkeypatch: Any) -> None:
    filled(state, 25)
    monkeypatch.setattr(chain, "_AT_ONCE", 7)
    assert [event.seq for event in chain.events(state)] == list(range(1, 26))
    assert [event.seq for event in chain.events(state, after=20)] == [21, 22, 23, 24, 25]
