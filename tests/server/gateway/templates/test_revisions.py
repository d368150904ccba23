"""Templates in the store, on both databases: several writers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.server.gateway.templates.acting import ADMIN, COLLEAGUE, DEV, QUERY, Acting

from hotfixture.server.gateway.audits import chain
from hotfixture.server.gateway.templates import changes, revisions
from hotfixture.server.gateway.templates.changes import Said, changing
from hotfixture.server.problems import HTTPError
from hotfixture.wire.templates import PushedFile, TemplatePush


def test_revisions_of_many_writers_at_once_are_numbered_without_gaps(anywhere: Acting) -> None:
    anywhere.create("a")
    text = QUERY.format(name="a")

    def write(number: int) -> int:
        with changing(anywhere.state, DEV, dry_run=False) as deed:
            template = deed.find("a", "template.change")
            return revisions.revise(deed, template, f"{text}description: d{number}\n", message="").number

    with ThreadPoolExecutor(8) as threads:
        made = sorted(threads.map(write, range(16)))
    assert made == list(range(2, 18))
    with anywhere.state.read() as connection:
        history = revisions.history(connection, ["a"])["a"]
    assert [one.number for one in history] == list(range(17, 0, -1))
    assert len({one.digest for one in history}) == 17


def test_pushes_of_the_same_templates_at_once_all_arrive_whole(anywhere: Acting) -> None:
    """Whatever the order of their files: none waits for another that waits for it."""
    names = [f"t{number}" for number in range(5)]

    def push(word: int) -> None:
        texts = [QUERY.format(name=name) + f"description: w{word}\n" for name in (names if word % 2 else names[::-1])]
        said = TemplatePush(files=[PushedFile(path=f"{n}.yaml", text=text) for n, text in enumerate(texts)])
        with changing(anywhere.state, DEV, dry_run=False) as deed:
            changes.pushed(deed, said)

    push(0)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(push, range(1, 9)))
    with anywhere.state.read() as connection:
        found = [
            revisions.revision(connection, revisions.find(connection, ADMIN, name, "template.read")) for name in names
        ]
    assert {one.number for one in found} == {9}
    assert len({one.text.rpartition("description: ")[2] for one in found}) == 1
    events = [event for event in chain.events(anywhere.state) if event.kind.startswith("template.")]
    assert len(events) == 45


def test_one_of_those_who_take_a_name_at_once_gets_it(anywhere: Acting) -> None:
    def take(number: int) -> int:
        text = QUERY.format(name="a") + f"description: d{number}\n"
        try:
            with changing(anywhere.state, DEV if number % 2 else COLLEAGUE, dry_run=False) as deed:
                changes.created(deed, text, Said(), revisions.checked(text))
        except HTTPError as error:
            return error.status
        return 201

    with ThreadPoolExecutor(6) as threads:
        found = sorted(threads.map(take, range(6)))
    assert found == [201, *[409] * 5]


def test_what_cannot_be_audited_does_not_happen(anywhere: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the audit is away")

    anywhere.create("a")
    monkeypatch.setattr("hotfixture.server.gateway.audit.record", broken)
    with pytest.raises(RuntimeError), changing(anywhere.state, DEV, dry_run=False) as deed:
        revisions.revise(deed, deed.find("a", "template.change"), QUERY.format(name="a") + "#\n", message="")
    with pytest.raises(RuntimeError), changing(anywhere.state, DEV, dry_run=False) as deed:
        revisions.delete(deed, deed.find("a", "template.delete"))
    assert anywhere.show("a")["revision"] == 1


def test_a_text_that_this_release_cannot_read_is_still_listed(anywhere: Acting) -> None:
    from hotfixture.server.gateway.tables import REVISIONS

    anywhere.create("a")
    with anywhere.state.change() as connection:
        connection.execute(REVISIONS.update().values(text="exports: old form"))
    assert (anywhere.show("a")["description"], anywhere.show("a")["parameters"]) == ("", [])
    assert anywhere.ask(DEV, "GET", "templates").json()["items"][0]["name"] == "a"
