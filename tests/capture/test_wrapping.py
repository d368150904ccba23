"""`wrap`: any object is recorded without being changed to the eye, and played back without being called."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import json
import pickle
import threading
from collections import abc
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import pytest

from hotfixture.capture import tapes
from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session, capture
from hotfixture.capture.values import restored
from hotfixture.capture.wrapping import wrap
from hotfixture.errors import ReplayMissError


@dataclass
class Invoice:
    number: int
    lines: list[str]


class PaymentError(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code


class Client:
    """Everything that an object may do."""

    version = "1.2"

    def __init__(self) -> None:
        self.calls = 0
        self.inner = Inner()

    @property
    def state(self) -> str:
        return f"after {self.calls}"

    def charge(self, amount: float, *, currency: str = "EUR") -> dict[str, Any]:
        """Charge it."""
        self.calls += 1
        return {"amount": amount, "currency": currency, "call": self.calls}

    def invoice(self, number: int) -> Invoice:
        self.calls += 1
        return Invoice(number, ["a", "b"])

    def broken(self) -> None:
        self.calls += 1
        raise PaymentError(402, "no money")

    def chain(self) -> Client:
        self.calls += 1
        return self

    def rows(self, count: int) -> Iterator[int]:
        self.calls += 1
        yield from range(count)
        if count > 3:
            raise PaymentError(500, "broke off")

    async def fetch(self, key: str) -> str:
        self.calls += 1
        await asyncio.sleep(0)
        if key == "bad":
            raise PaymentError(404, key)
        return f"value of {key}"

    async def pages(self, count: int) -> AsyncIterator[list[int]]:
        self.calls += 1
        for number in range(count):
            await asyncio.sleep(0)
            yield [number]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[str]:
        self.calls += 1
        with contextlib.suppress(KeyError):
            yield "begun"

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncIterator[int]:
        self.calls += 1
        yield 7

    def session(self) -> Inner:
        self.calls += 1
        return Inner()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Client)

    def __hash__(self) -> int:
        return 42

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        return None


class Inner:
    def __init__(self) -> None:
        self.label = "inner"

    def ask(self, what: str) -> str:
        return what.upper()


def _synchronous(client: Client) -> list[object]:
    seen: list[object] = [client.charge(5, currency="CHF"), client.charge(5, currency="CHF"), client.invoice(3)]
    with pytest.raises(PaymentError) as raised:
        client.broken()
    seen += [raised.value.args, raised.value.code, type(raised.value)]
    seen += [client.chain().chain().charge(1), list(client.rows(3))]
    items = client.rows(5)
    with pytest.raises(PaymentError) as raised:
        seen += [next(items), *items]
    seen += [raised.value.args]
    with client.transaction() as value:
        seen.append(value)
    with client.transaction():
        raise KeyError("is swallowed")
    with contextlib.suppress(ZeroDivisionError), client.transaction():
        raise ZeroDivisionError
    with client as inner:
        seen.append(inner.charge(2))
    return seen


async def _asynchronous(client: Client) -> list[object]:
    seen: list[object] = [await client.fetch("a"), await asyncio.create_task(client.fetch("b"))]
    seen += await asyncio.gather(*(client.fetch(str(number)) for number in range(5)))
    with pytest.raises(PaymentError) as raised:
        await client.fetch("bad")
    seen += [raised.value.args, [page async for page in client.pages(3)]]
    async with client.lock() as held:
        seen.append(held)
    return seen


def _everything(client: Client) -> list[object]:
    return _synchronous(client) + asyncio.run(_asynchronous(client))


def test_a_program_sees_the_same_bare_recorded_and_played_back_where_the_object_is_not_called(tmp_path: Path) -> None:
    bare = _everything(Client())
    assert _everything(wrap(Client(), service="billing")) == bare, "without a tape"
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        recorded = _everything(wrap(Client(), service="billing"))
    outcome = session.close()
    assert recorded == bare
    assert (outcome.lost, outcome.problems) == (0, [])
    untouched = Client()
    with replay(session.folder):
        assert _everything(wrap(untouched, service="billing")) == bare
    assert untouched.calls == 0


def test_a_wrapped_object_is_what_it_was_to_the_eye() -> None:
    client = Client()
    wrapped = wrap(client)
    assert isinstance(wrapped, Client)
    assert type(wrapped.charge).__name__ == "_Method"
    assert (wrapped.charge.__name__, wrapped.charge.__doc__) == ("charge", "Charge it.")
    assert (wrapped.state, wrapped.version, wrapped == client, hash(wrapped)) == ("after 0", "1.2", True, 42)
    assert pickle.loads(pickle.dumps(wrapped)) == client
    assert isinstance(copy.deepcopy(wrapped), Client)
    assert asyncio.iscoroutinefunction(wrapped.fetch)
    assert repr(wrap({"a": 1})) == "{'a': 1}"


class Callback:
    def __call__(self, value: int) -> int:
        return value + 1


class Rows:
    def __iter__(self) -> Iterator[int]:
        return iter((1, 2))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, place: int) -> int:
        return place


class Pages:
    async def __aiter__(self) -> AsyncIterator[int]:
        yield 1

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return 5


class Slots:
    __slots__ = ("place",)


PROTOCOLS = (
    abc.Callable, abc.Iterable, abc.Iterator, abc.Sized, abc.Container, abc.Hashable, abc.Awaitable, abc.AsyncIterable,
    contextlib.AbstractContextManager, contextlib.AbstractAsyncContextManager,
)  # fmt: skip


@pytest.mark.parametrize("thing", [
    Callback(), Rows(), Pages(), Slots(), Client(), Invoice(1, []), object(), Inner, len, lambda value: value,
    contextlib.nullcontext(),
], ids=lambda thing: type(thing).__name__)  # fmt: skip
@pytest.mark.parametrize("deep", [True, False])
def test_a_wrapped_object_has_the_protocols_of_the_object_and_no_others(thing: Any, deep: bool) -> None:
    """Programs ask what an object can do before they decide."""
    wrapped = wrap(thing, deep=deep)
    assert [isinstance(wrapped, one) for one in PROTOCOLS] == [isinstance(thing, one) for one in PROTOCOLS]
    assert callable(wrapped) == callable(thing)
    special = {"__len__", "__getitem__", "__int__", "__enter__", "__aenter__", "__call__", "__iter__", "__next__"}
    assert {name for name in special if hasattr(wrapped, name)} == {name for name in special if hasattr(thing, name)}
    assert wrapped.__doc__ == thing.__doc__
    assert getattr(wrapped, "__module__", None) == getattr(thing, "__module__", None)
    assert (dir(wrapped), bool(wrapped)) == (dir(thing), bool(thing))
    for act in (len, iter, int, hash, vars, json.dumps):
        assert _outcome(act, wrapped) == _outcome(act, thing)


def _outcome(act: Any, thing: Any) -> Any:
    try:
        made = act(thing)
    except TypeError as error:
        return str(error)
    return list(made) if isinstance(made, abc.Iterator) else made


def test_special_methods_work_on_a_wrapped_object() -> None:
    assert (wrap(Callback())(1), list(wrap(Rows())), wrap(Rows())[7], len(wrap(Rows()))) == (2, [1, 2], 7, 2)
    invoice = wrap(Invoice(1, ["a"]))
    assert dataclasses.asdict(invoice) == {"number": 1, "lines": ["a"]}
    assert dataclasses.replace(invoice, number=2) == Invoice(2, ["a"])
    assert (invoice == Invoice(1, ["a"]), Invoice(1, ["a"]) == invoice, wrap(3) + wrap(4), 3 - wrap(1)) == (
        True,
        True,
        7,
        2,
    )
    assert isinstance(wrap(Inner)(), Inner)

    class Made(wrap(Inner)):  # type: ignore[misc]  # a class is one for classes that inherit it
        pass

    class Holder:
        method = wrap(lambda self: self)

    assert Made().label == "inner"
    assert isinstance((holder := Holder()).method(), Holder)
    assert holder.method() is holder

    async def program() -> list[Any]:
        return [await wrap(Pages()), [one async for one in wrap(Pages())]]

    assert asyncio.run(program()) == [5, [1]]
    deep = wrap(Client(), deep=True)
    assert deep.inner is deep.inner


def test_a_recorded_context_is_a_decorator_too(tmp_path: Path) -> None:
    with capture(directory=tmp_path):

        @wrap(Client()).transaction()
        def run() -> int:
            return 3

        assert (run(), run()) == (3, 3)


def test_wrapped_objects_within_values_are_recorded_as_what_they_are(tmp_path: Path) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        wrap(dict, service="x")({"inner": [wrap(Invoice(1, []))]})
    value = restored(session.interactions[0].request["args"][0])
    session.close()
    assert value == {"inner": [Invoice(1, [])]}


def test_records_tell_service_operation_request_and_answer(tmp_path: Path) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        wrap(Client(), service="billing").charge(5, currency="CHF")
        wrap(Client()).chain()
        list(wrap(Client()).rows(2))
    charge, chain, rows = session.interactions
    assert (charge.kind, charge.service, charge.operation) == ("call", "billing", "charge")
    assert charge.request == {"args": [5], "kwargs": {"currency": "CHF"}}
    assert charge.response == {"manner": "value", "value": {"amount": 5, "currency": "CHF", "call": 1}}
    assert (chain.service, chain.response) == ("Client", {"manner": "self"})
    assert (rows.response["items"], [size for _, size in rows.chunks]) == ([0, 1], [1, 1])
    session.close()


def test_an_iterator_that_is_left_early_is_closed_and_reading_on_is_a_clear_error(tmp_path: Path) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        items = wrap(Client()).rows(100)
        assert [next(items), next(items), next(items)] == [0, 1, 2]
        items.close()
    session.close()
    assert [one.status for one in session.interactions] == ["closed"]
    with replay(session.folder):
        items = wrap(Client()).rows(100)
        assert [next(items), next(items), next(items)] == [0, 1, 2]
        with pytest.raises(ReplayMissError, match="stopped reading"):
            next(items)


def test_futures_stay_the_programs_own(tmp_path: Path) -> None:
    class Pool:
        def __init__(self) -> None:
            self.threads = ThreadPoolExecutor(1)

        def later(self, number: int) -> Any:
            return self.threads.submit(lambda: 10 // number)

        def soon(self, number: int) -> Any:
            return asyncio.ensure_future(asyncio.sleep(0, number))

    async def work(pool: Pool) -> list[Any]:
        future, promise = pool.soon(7), pool.later(5)
        seen: list[Any] = [asyncio.isfuture(future), isinstance(promise, Future)]
        seen += [await future, promise.result(5), await asyncio.gather(pool.soon(1), pool.soon(2))]
        with pytest.raises(ZeroDivisionError) as raised:
            pool.later(0).result(5)
        return [*seen, raised.value.args]

    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        recorded = asyncio.run(work(wrap(Pool())))
    session.close()
    assert recorded == [True, True, 7, 2, [1, 2], ("integer division or modulo by zero",)]
    with replay(session.folder):
        assert asyncio.run(work(wrap(Pool()))) == recorded


def test_with_deep_what_an_object_gives_is_recorded_too(tmp_path: Path) -> None:
    session = Session(directory=tmp_path, within=True)

    def work(client: Client) -> list[object]:
        made = client.session()
        return [client.inner.ask("x"), client.inner.label, made.ask("y"), isinstance(made, Inner), made.label]

    with tapes.under(session):
        recorded = work(wrap(Client(), deep=True))
    session.close()
    assert [one.operation for one in session.interactions] == ["session", "inner.ask", "session().ask"]
    with replay(session.folder):
        assert work(wrap(Client(), deep=True)) == recorded == ["X", "inner", "Y", True, "inner"]


def test_functions_and_classes_are_recorded_when_called(tmp_path: Path) -> None:
    def double(number: int) -> int:
        return 2 * number

    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        assert wrap(double, service="maths")(4) == 8
        assert wrap(Inner)().ask("a") == "A"
    session.close()
    assert [(one.service, one.operation) for one in session.interactions] == [
        ("maths", "double"), ("Inner", "Inner"), ("Inner", "Inner().ask"),
    ]  # fmt: skip
    with replay(session.folder):
        assert wrap(double, service="maths")(4) == 8
        made = wrap(Inner)()
        assert (made.ask("a"), isinstance(made, Inner)) == ("A", True)


def test_64_threads_of_500_calls_each_land_on_their_own_record(tmp_path: Path) -> None:
    """Case 2, for wrapped objects."""
    session = Session(directory=tmp_path, within=True)
    client = wrap(Client(), service="billing")
    wrong: list[object] = []

    def work(thread: int) -> None:
        with tapes.under(session):
            answers = [client.charge(thread, currency=str(number))["currency"] for number in range(500)]
        wrong.extend((thread, number) for number, answer in enumerate(answers) if answer != str(number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    interactions = session.interactions
    session.close()
    assert wrong == []
    assert len({one.id for one in interactions}) == len(interactions) == 64 * 500
    for one in interactions:
        value = one.response["value"]
        assert (value["amount"], value["currency"]) == (one.request["args"][0], one.request["kwargs"]["currency"])


def test_cancelled_tasks_have_a_status_and_a_duration(tmp_path: Path) -> None:
    """Case 3, for wrapped objects: of 1,000 tasks half are cancelled."""

    class Slow:
        async def wait(self, number: int) -> int:
            await asyncio.sleep(60 if number % 2 else 0)
            return number

    session = Session(directory=tmp_path, within=True)

    async def work() -> None:
        slow = wrap(Slow())
        tasks = [asyncio.create_task(slow.wait(number)) for number in range(1000)]
        await asyncio.sleep(0.2)
        for task in tasks[1::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with tapes.under(session):
        asyncio.run(work())
    interactions = session.interactions
    session.close()
    assert len(interactions) == 1000
    for one in interactions:
        assert one.status == ("cancelled" if one.request["args"][0] % 2 else "success")
        assert one.duration_ms is not None
        assert one.duration_ms > 0


def test_what_is_called_within_a_call_is_its_child(tmp_path: Path) -> None:
    """Case 4: nested and re-entrant calls know their parent."""

    class Outer:
        def ask(self, inner: Inner, depth: int) -> str:
            return self.ask(inner, 0) if depth else inner.ask("x")

    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        outer = wrap(Outer())
        outer.ask(wrap(Inner()), 0)
    parent, child = session.interactions
    session.close()
    assert (child.operation, child.parent) == ("ask", parent.id)
    assert parent.parent is None


def test_a_record_that_fails_never_reaches_the_caller(tmp_path: Path) -> None:
    """Defect 7 and case 18: odd values, objects that refuse everything, endless nesting."""

    class Odd:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle

    class Echo:
        def back(self, value: object) -> object:
            return value

    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        for value in (deep, cycle, float("nan"), 2**100, {1: 2, (3,): 4}, object(), {"$type": "x"}, b"\xff"):
            assert wrap(Echo()).back(value) is value
    session.close()


def test_off_a_wrapped_call_costs_at_most_five_microseconds_more() -> None:
    bare, wrapped = Inner(), wrap(Inner())

    def cost(client: Inner) -> int:
        start = perf_counter_ns()
        client.ask("x")
        return perf_counter_ns() - start

    added = sorted(cost(wrapped) for _ in range(5000))[500] - sorted(cost(bare) for _ in range(5000))[500]
    assert added <= 5_000


def test_a_wrapped_object_dies_when_it_would(tmp_path: Path) -> None:
    import gc
    import weakref

    inner = Inner()
    dead = weakref.ref(inner)
    wrapped = wrap(inner)
    wrapped.ask("x")
    gc.disable()
    try:
        del inner, wrapped
        assert dead() is None
    finally:
        gc.enable()
    assert wrap(Inner()).ask("x") == "X", "a method outlives the proxy it was taken from"


SECRET = "harbour-" + "of-the-quiet-north"


class Account:
    """Nothing but its parameters says what is a secret."""

    def __init__(self, token: str = "") -> None:
        self.token = token

    def login(self, user: str, password: str, /, *more: str) -> bool:
        return (user, password, more) == ("bob", SECRET, ("x", "y"))


@pytest.mark.parametrize("within", [True, False])
def test_arguments_by_position_are_cleaned_as_if_they_had_been_given_by_name(within: bool, tmp_path: Path) -> None:
    """Case 17."""
    session = Session(directory=tmp_path, within=within)
    with tapes.under(session):
        assert wrap(Account(), service="account").login("bob", SECRET, "x", "y")
        assert wrap(Account)(SECRET).token == SECRET
    session.close()
    login, made = session.interactions
    user, hidden, *more = login.request["args"]
    assert (user, more, set(login.request)) == ("bob", ["x", "y"], {"args", "kwargs"})
    assert made.request["args"] == [hidden]
    assert all(SECRET.encode() not in path.read_bytes() for path in session.folder.rglob("*.jsonl"))
    with replay(session.folder):
        assert wrap(Account(), service="account").login("bob", SECRET, "x", "y")
        wrap(Account)(SECRET)
