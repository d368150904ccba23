"""Any Python value goes to JSON and comes back with its type (case 18)."""

from __future__ import annotations

import collections
import dataclasses
import enum
import ipaddress
import math
import threading
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.values import DEPTH, Placeholder, plain, restored


class Colour(enum.Enum):
    RED = 1
    BLUE = ("b", 2)


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Order:
    number: int
    lines: list[Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    number: int
    inner: Any = None


class Point(NamedTuple):
    x: int
    y: Any


class Record(msgspec.Struct):
    a: int
    b: Any = None


class Slots:
    __slots__ = ("_hidden", "a", "unset")

    def __init__(self) -> None:
        self.a, self._hidden = 1, (2, 3)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slots) and (other.a, other._hidden) == (self.a, self._hidden)

    __hash__ = None  # type: ignore[assignment]


class Attributes:
    def __init__(self) -> None:
        self.when = datetime(2024, 1, 2, tzinfo=UTC)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attributes) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]


class Text(str):
    __slots__ = ()


class Mapping(dict):  # type: ignore[type-arg]
    def __init__(self, *, needed: int) -> None:
        self.needed = needed


def through(value: Any) -> Any:
    """The value, once through the very JSON that journals hold."""
    return restored(msgspec.json.decode(msgspec.json.encode(plain(value))))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**60, max_value=2**90)
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.just(UTC) | st.none())
    | st.timedeltas()
    | st.uuids()
    | st.complex_numbers(allow_nan=False)
    | st.sampled_from([Colour.RED, Colour.BLUE, Rights.READ, Rights.READ | Rights.WRITE, ..., NotImplemented])
)
keys = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())
anything = st.recursive(
    scalars | st.frozensets(st.integers() | st.text()),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner)
        | st.dictionaries(st.sampled_from(["$type", "value", "state"]), inner)
        | st.builds(Order, st.integers(), st.lists(inner))
        | st.builds(Frozen, st.integers(), inner)
        | st.builds(Point, st.integers(), inner)
        | st.builds(Record, st.integers(), inner)
    ),
    max_leaves=20,
)


def same(one: Any, other: Any) -> bool:
    """Equal, and of equal types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            same(a, b) and same(x, y) for (a, x), (b, y) in zip(one.items(), other.items(), strict=True)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Order | Frozen):
        names = [field.name for field in dataclasses.fields(one)]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Record):
        return same(one.a, other.a) and same(one.b, other.b)
    return bool(one == other) and (not isinstance(one, float | complex | Decimal) or repr(one) == repr(other))


@given(anything)
def test_a_value_comes_back_equal_and_of_the_same_type(value: Any) -> None:
    assert same(through(value), value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_a_file_holds_never_breaks_reading_it(form: Any) -> None:
    restored(form)
    restored({"$type": "object", "class": "builtins:object", "state": form})
    restored({"$type": form, "value": form, "args": form, "class": form})


def test_plain_json_stays_what_it_is_and_is_a_copy() -> None:
    value = {"a": [1, 2.5, None, True, "ü"], "b": {"c": []}}
    form = plain(value)
    assert form == value
    value["a"].append(3)  # type: ignore[attr-defined]
    assert form["a"] == [1, 2.5, None, True, "ü"]


@pytest.mark.parametrize(
    "value",
    [
        float("inf"),
        -float("inf"),
        -0.0,
        2**64,
        -(2**63) - 1,
        10**6000,
        "\ud800 half",
        {"\udfff": 1},
        bytearray(b"\0\xff"),
        datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        time(1, 2, 3, tzinfo=UTC),
        timedelta(days=-1, microseconds=1),
        Slots(),
        Attributes(),
        Text("x"),
        range(1, 9, 2),
        Path("/tmp/ä"),
        PurePosixPath("a/b"),
        collections.OrderedDict(b=1, a=2),
        collections.Counter("abca"),
        collections.deque([1, (2,)], maxlen=5),
        SimpleNamespace(a=(1,)),
        MappingProxyType({1: 2}),
        {1, 2, "three"},
        Order,
        np.float32(1.5),
        np.int8(-3),
        np.datetime64("2024-01-01"),
        UUID(int=5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_unusual_value_comes_back(value: Any) -> None:
    found = through(value)
    assert type(found) is type(value)
    assert found == value


def test_not_a_number_comes_back() -> None:
    assert math.isnan(through(float("nan")))
    assert through(Decimal("NaN")).is_nan()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.arange(20_000, dtype="f4"),
        np.array(["a", "ü"]),
        np.array([1, None, {"a": (1,)}], dtype=object),
        np.array([], dtype="i2"),
        np.array([np.nan, 1]),
        np.array(["2024-01-01"], dtype="M8[D]"),
        np.array([1 + 2j]),
    ],
    ids=lambda array: str(array.dtype),
)
def test_an_array_comes_back(array: Any) -> None:
    found = through(array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_objects_of_libraries_come_back() -> None:
    attrs, pydantic = pytest.importorskip("attrs"), pytest.importorskip("pydantic")
    duration = pytest.importorskip("google.protobuf.duration_pb2").Duration(seconds=5, nanos=7)
    globals()["Attrs"] = made = attrs.make_class("Attrs", ["a", "b"], slots=True)
    globals()["Model"] = model = pydantic.create_model("Model", a=(int, ...), b=(tuple[int, ...], ()))
    made.__module__ = model.__module__ = __name__
    made.__qualname__, model.__qualname__ = "Attrs", "Model"
    for value in (made(1, (2,)), model(a=1, b=(2, 3)), duration):
        assert through(value) == value


def test_a_value_ten_thousand_levels_deep_is_cut_where_it_can_be_seen() -> None:
    value: Any = "bottom"
    for _ in range(10_000):
        value = [value]
    form = plain(value)
    for _ in range(DEPTH):
        form = form[0] if isinstance(form, list) else form
    assert form["$type"] == "cut"
    assert isinstance(restored(form), Placeholder)
    nested: Any = {}
    for _ in range(10_000):
        nested = Frozen(1, {"a": (nested,)})
    assert "deeper than" in str(plain(nested))


def test_a_value_within_itself_is_cut_and_one_met_twice_is_not() -> None:
    loop: list[Any] = [1]
    loop.append({"again": loop})
    shared = [1]
    assert plain(loop) == [1, {"again": {"$type": "cut", "text": "stands within itself"}}]
    assert plain([shared, shared, (shared,)])[:2] == [[1], [1]]
    assert restored(plain((shared, shared))) == ([1], [1])
    itself = Attributes()
    itself.when = itself  # type: ignore[assignment]
    assert "stands within itself" in str(plain(itself))


def test_lists_that_hold_each_other_many_times_do_not_fill_the_memory() -> None:
    value: list[Any] = ["x"]
    for _ in range(60):
        value = [value, value]
    assert "items" in str(plain(value))[-400:] or "more than" in str(plain(value))


def test_a_million_keys_are_kept() -> None:
    value = {str(number): number for number in range(1_000_000)}
    assert plain(value) == value


class Trap:
    """Its properties end the program."""

    @property
    def a(self) -> None:
        raise SystemExit("a property was called")

    def __getattr__(self, name: str) -> Any:
        raise SystemExit(f"{name} was asked for")

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise SystemExit("__dict__ was asked for")

    def __repr__(self) -> str:
        raise RuntimeError("no words")

    def __bool__(self) -> bool:
        raise SystemExit("truth was asked for")

    def __eq__(self, other: object) -> bool:
        raise SystemExit("equality was asked for")

    __hash__ = None  # type: ignore[assignment]


def test_code_of_the_program_is_not_run_and_its_failures_are_noted() -> None:
    form = plain({"trap": Trap(), "list": [Trap()]})
    assert form["trap"] == {
        "$type": "opaque",
        "class": f"{__name__}:Trap",
        "text": "<Trap: its repr raised RuntimeError>",
    }
    assert form["list"] == [form["trap"]]


def test_what_runs_is_named_and_not_consumed() -> None:
    numbers = (number for number in range(3))
    lines = iter([1, 2])
    form = plain([numbers, lines, print, threading.Lock(), open])
    assert [one["$type"] for one in form] == ["opaque"] * 5
    assert "0x" not in str(form)
    assert list(numbers) == [0, 1, 2]
    assert list(lines) == [1, 2]
    assert isinstance(through(numbers), Placeholder)


def test_what_cannot_be_made_again_can_still_be_read() -> None:
    form = {
        "$type": "object",
        "class": "no.such.module:Invoice",
        "state": {"total": {"$type": "decimal", "value": "1.50"}},
    }
    found = restored(form)
    assert found.total == Decimal("1.50")
    assert "Invoice" in repr(found)
    assert restored(plain(ipaddress.ip_address("10.0.0.1"))) == ipaddress.ip_address("10.0.0.1") or isinstance(
        restored(plain(ipaddress.ip_address("10.0.0.1"))), Placeholder
    )
    assert restored(plain(Mapping(needed=1))).needed == 1


def test_a_recording_makes_no_objects_that_do_something(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("here")
    state = {"name": str(victim), "delete": True, "file": None, "close_called": False}
    for name in ("tempfile:_TemporaryFileCloser", "subprocess:Popen", "tempfile:TemporaryDirectory"):
        assert isinstance(restored({"$type": "object", "class": name, "state": state}), Placeholder)
    assert victim.read_text() == "here"


def test_nothing_is_imported_for_a_recording() -> None:
    import sys

    for name in ("this:s", "antigravity:x", "idlelib.idle:x"):
        restored({"$type": "object", "class": name, "state": {}})
        restored({"$type": "exception", "class": name, "args": [], "state": {}})
        assert name.partition(":")[0] not in sys.modules


def test_a_dict_that_another_thread_changes_is_kept() -> None:
    value: dict[str, Any] = {str(number): [number] for number in range(2000)}
    stop = threading.Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            value[f"new{number % 50}"] = number
            value.pop(f"new{(number + 25) % 50}", None)
            number += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(50):
            assert plain(value)["1999"] == [1999]
    finally:
        stop.set()
        thread.join()


@dataclasses.dataclass
class Birthday:
    on: date
    fraction: Fraction = Fraction(1, 3)


def test_fields_keep_their_names_so_that_they_can_be_cleaned() -> None:
    form = plain(Birthday(date(2000, 1, 2)))
    assert form["state"]["on"] == {"$type": "date", "value": "2000-01-02"}


def test_what_is_only_made_on_the_way_is_never_taken_for_a_value_within_itself() -> None:
    """Memory of pieces that are done with is used again at once."""
    value: Any = None
    for number in range(20):
        value = {None: ({None: value}, (None, {number: {(1,): [value]} if number < 8 else 1}))}
    assert "within itself" not in str(plain(value))
    assert through({None: ({None: None}, (None, None))}) == {None: ({None: None}, (None, None))}
