"""Firestore and Gemini in memory, for mock mode: what tests mostly use of them, without any package installed."""

from __future__ import annotations

import copy
import itertools
import operator
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hotfixture.errors import InputError

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "in": lambda value, wanted: value in wanted, "not-in": lambda value, wanted: value not in wanted,
    "array_contains": lambda value, wanted: isinstance(value, list) and wanted in value,
    "array-contains": lambda value, wanted: isinstance(value, list) and wanted in value,
    "array_contains_any": lambda value, wanted: isinstance(value, list) and any(one in value for one in wanted),
}  # fmt: skip


class MockFirestore:
    """Documents by path."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self._ids = itertools.count(1)

    def new_id(self) -> str:
        """An id that nothing has: the first, the second …, the same in each run."""
        return f"mock-{next(self._ids):06d}"

    def collection(self, *path: str) -> MockCollection:
        """The collection at a path."""
        return MockCollection(self, "/".join(path))

    def document(self, *path: str) -> MockDocument:
        """The document at a path."""
        return MockDocument(self, "/".join(path))

    def get_all(self, references: list[MockDocument], *_args: Any, **_options: Any) -> Iterator[MockSnapshot]:
        """Snapshots of documents."""
        return iter([reference.get() for reference in references])

    def collections(self) -> list[MockCollection]:
        """The collections there are at the top."""
        names = dict.fromkeys(path.split("/")[0] for path in self.documents)
        return [self.collection(name) for name in names]

    def batch(self) -> MockBatch:
        """Writes that are done together."""
        return MockBatch()

    def transaction(self, **_options: Any) -> MockBatch:
        """As a batch: nobody else writes."""
        return MockBatch()

    def recursive_delete(self, reference: Any, **_options: Any) -> int:
        """Delete all below; gives how many documents that were."""
        gone = [path for path in self.documents if path == reference.path or path.startswith(f"{reference.path}/")]
        for path in gone:
            del self.documents[path]
        return len(gone)


class MockSnapshot:
    """A document as it was."""

    def __init__(self, reference: MockDocument, data: dict[str, Any] | None) -> None:
        self.reference, self.id = reference, reference.id
        self._data = copy.deepcopy(data)
        self.exists = data is not None
        self.create_time = self.update_time = self.read_time = datetime.now(UTC)

    def to_dict(self) -> dict[str, Any] | None:
        """Its fields; None where there is no such document."""
        return copy.deepcopy(self._data)

    def get(self, field: str) -> Any:
        """One field; a dotted name goes down."""
        return _field(self._data or {}, field)


class MockDocument:
    """A place for a document."""

    def __init__(self, database: MockFirestore, path: str) -> None:
        self._database, self.path = database, path
        self.id = path.rpartition("/")[2]

    def collection(self, name: str) -> MockCollection:
        """A collection within it."""
        return MockCollection(self._database, f"{self.path}/{name}")

    @property
    def parent(self) -> MockCollection:
        """The collection it is in."""
        return MockCollection(self._database, self.path.rpartition("/")[0])

    def get(self, field_paths: Any = None, *_args: Any, **_options: Any) -> MockSnapshot:
        """What there is now."""
        data = self._database.documents.get(self.path)
        if data is not None and field_paths:
            data = {name: one for name, one in data.items() if name in field_paths}
        return MockSnapshot(self, data)

    def create(self, document_data: dict[str, Any], **_options: Any) -> Any:
        """Write it; InputError where there is one."""
        if self.path in self._database.documents:
            raise InputError(f"the document {self.path} exists already", hint="set() writes over it.")
        return self.set(document_data)

    def set(self, document_data: dict[str, Any], merge: bool = False, **_options: Any) -> Any:
        """Write it."""
        before = self._database.documents.get(self.path, {}) if merge else {}
        self._database.documents[self.path] = _merged(before, copy.deepcopy(document_data))
        return SimpleNamespace(update_time=datetime.now(UTC), transform_results=[])

    def update(self, field_updates: dict[str, Any], *_args: Any, **_options: Any) -> Any:
        """Change fields; a dotted name goes down. InputError where there is no such document."""
        if self.path not in self._database.documents:
            raise InputError(f"no document {self.path}", hint="set() makes one.")
        data = self._database.documents[self.path]
        for name, value in field_updates.items():
            *above, last = name.split(".")
            target = data
            for one in above:
                target = target.setdefault(one, {})
            target[last] = copy.deepcopy(value)
        return SimpleNamespace(update_time=datetime.now(UTC), transform_results=[])

    def delete(self, *_args: Any, **_options: Any) -> datetime:
        """Remove it, if it is there."""
        self._database.documents.pop(self.path, None)
        return datetime.now(UTC)


class MockQuery:
    """Documents of a collection that fulfil conditions, in an order."""

    def __init__(self, database: MockFirestore, path: str) -> None:
        self._database, self.path = database, path
        self._conditions: list[tuple[str, str, Any]] = []
        self._orders: list[tuple[str, bool]] = []
        self._limit: int | None = None
        self._offset = 0

    def _copy(self) -> MockQuery:
        made = MockQuery(self._database, self.path)
        made.__dict__.update({**self.__dict__, "_conditions": [*self._conditions], "_orders": [*self._orders]})
        return made

    def where(self, field_path: str = "", op_string: str = "", value: Any = None, *, filter: Any = None) -> MockQuery:  # noqa: A002 - the word of the package
        """One more condition."""
        made = self._copy()
        if filter is not None:
            field_path, op_string, value = filter.field_path, filter.op_string, filter.value
        if op_string not in _OPERATORS:
            raise InputError(f"unknown operator {op_string!r}", hint=f"Known: {', '.join(_OPERATORS)}.")
        made._conditions.append((field_path, op_string, value))
        return made

    def order_by(self, field_path: str, direction: str = "ASCENDING") -> MockQuery:
        """One more order."""
        made = self._copy()
        made._orders.append((field_path, direction == "DESCENDING"))
        return made

    def limit(self, count: int) -> MockQuery:
        """So many at most."""
        made = self._copy()
        made._limit = count
        return made

    def offset(self, count: int) -> MockQuery:
        """Without the first so many."""
        made = self._copy()
        made._offset = count
        return made

    def count(self, alias: str = "count") -> Any:
        """How many there are, as an aggregation."""
        result = SimpleNamespace(alias=alias, value=len(self.get()), read_time=datetime.now(UTC))
        return SimpleNamespace(get=lambda *_args, **_options: [[result]])

    def stream(self, *_args: Any, **_options: Any) -> Iterator[MockSnapshot]:
        """Snapshots, one by one."""
        return iter(self.get())

    def get(self, *_args: Any, **_options: Any) -> list[MockSnapshot]:
        """Snapshots."""
        depth = self.path.count("/") + 1
        found = [
            (path, data)
            for path, data in sorted(self._database.documents.items())
            if path.startswith(f"{self.path}/") and path.count("/") == depth and self._fits(data)
        ]
        for name, descending in reversed(self._orders):
            found = [one for one in found if _field(one[1], name) is not None]
            found.sort(key=lambda one, name=name: _field(one[1], name), reverse=descending)  # type: ignore[misc]  # the default binds the loop's variable
        end = None if self._limit is None else self._offset + self._limit
        return [MockSnapshot(MockDocument(self._database, path), data) for path, data in found[self._offset : end]]

    def _fits(self, data: dict[str, Any]) -> bool:
        return all(_holds(_field(data, name, _MISSING), word, wanted) for name, word, wanted in self._conditions)


class MockCollection(MockQuery):
    """All documents of a collection."""

    @property
    def id(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    def document(self, document_id: str | None = None) -> MockDocument:
        """The document of an id, made up where none is given."""
        return MockDocument(self._database, f"{self.path}/{document_id or self._database.new_id()}")

    def add(self, document_data: dict[str, Any], document_id: str | None = None, **_options: Any) -> Any:
        """Write a new document; gives the time and the place."""
        document = self.document(document_id)
        document.create(document_data)
        return datetime.now(UTC), document

    def list_documents(self, **_options: Any) -> list[MockDocument]:
        """The places of all documents."""
        return [snapshot.reference for snapshot in self.get()]


class MockBatch:
    """Writes that are done when it is committed."""

    def __init__(self) -> None:
        self._writes: list[Callable[[], Any]] = []

    def __getattr__(self, name: str) -> Any:
        if name not in ("set", "create", "update", "delete"):
            raise AttributeError(name)

        def later(reference: MockDocument, *args: Any, **options: Any) -> MockBatch:
            self._writes.append(lambda: getattr(reference, name)(*args, **options))
            return self

        return later

    def commit(self, **_options: Any) -> list[Any]:
        """Do them."""
        writes, self._writes = self._writes, []
        return [write() for write in writes]

    def __enter__(self) -> MockBatch:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self.commit()


def _merged(before: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Both, maps within maps too; of what both have the new."""
    both = {
        name: _merged(before[name], one)
        for name, one in new.items()
        if isinstance(one, dict) and isinstance(before.get(name), dict)
    }
    return {**before, **new, **both}


_MISSING: Any = object()


def _field(data: dict[str, Any], name: str, missing: Any = None) -> Any:
    value: Any = data
    for part in name.split("."):
        value = value.get(part, missing) if isinstance(value, dict) else missing
    return value


def _holds(value: Any, word: str, wanted: Any) -> bool:
    """Whether a condition is fulfilled: never where there is no such field, and null is not unequal to anything."""
    if value is _MISSING or (value is None and word in ("!=", "not-in")):
        return False
    try:
        return _OPERATORS[word](value, wanted)
    except TypeError:  # values of two types have no order
        return False


class MockGemini:
    """Answers every prompt with the next of `answers`, else with one text that is always the same."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.prompts: list[Any] = []
        """All that was asked."""
        self.models = SimpleNamespace(generate_content=self._asked, generate_content_stream=self._stream)
        self.chats = SimpleNamespace(create=lambda **_options: MockChat(self))
        self.aio = SimpleNamespace(
            models=SimpleNamespace(generate_content=self._later, generate_content_stream=self._later_stream),
            chats=SimpleNamespace(create=lambda **_options: MockChat(self, later=True)),
        )

    def generate_content(self, prompt: Any = None, **_options: Any) -> Any:
        """An answer with `text`, `candidates` and `usage_metadata`, as the real one has them."""
        self.prompts.append(prompt)
        text = next(self._answers, "This is a mock answer.")
        asked, answered = len(str(prompt).split()), len(text.split())
        usage = SimpleNamespace(
            prompt_token_count=asked, candidates_token_count=answered, total_token_count=asked + answered
        )
        part = SimpleNamespace(text=text)
        candidate = SimpleNamespace(content=SimpleNamespace(parts=[part], role="model"), finish_reason="STOP")
        return SimpleNamespace(text=text, candidates=[candidate], usage_metadata=usage, function_calls=None)

    def _asked(self, *, contents: Any = None, **_options: Any) -> Any:
        return self.generate_content(contents)

    def _stream(self, *, contents: Any = None, **_options: Any) -> Iterator[Any]:
        response = self.generate_content(contents)
        for words in re.findall(r"\s*\S+\s*", response.text):  # which are the whole text when they are joined
            yield SimpleNamespace(text=words, candidates=response.candidates, usage_metadata=response.usage_metadata)

    async def _later(self, *, contents: Any = None, **_options: Any) -> Any:
        return self.generate_content(contents)

    async def _later_stream(self, *, contents: Any = None, **_options: Any) -> Any:
        return _one_by_one(self._stream(contents=contents))


async def _one_by_one(pieces: Iterator[Any]) -> AsyncIterator[Any]:
    for piece in pieces:
        yield piece


class MockChat:
    """A chat that remembers what was said; with `later` its answers are awaited."""

    def __init__(self, client: MockGemini, *, later: bool = False) -> None:
        self._client, self._later = client, later
        self._history: list[Any] = []

    def send_message(self, message: Any = None, **_options: Any) -> Any:
        """The answer."""
        response = self._client.generate_content(message)
        self._remember(message, response.text)
        return _awaited(response) if self._later else response

    def send_message_stream(self, message: Any = None, **_options: Any) -> Any:
        """The answer, word by word."""
        pieces = list(self._client.models.generate_content_stream(contents=message))
        self._remember(message, "".join(piece.text for piece in pieces))
        return _awaited(_one_by_one(iter(pieces))) if self._later else iter(pieces)

    def get_history(self, curated: bool = False) -> list[Any]:
        """Both sides, the oldest first."""
        del curated
        return list(self._history)

    def _remember(self, asked: Any, answered: str) -> None:
        for role, text in (("user", str(asked)), ("model", answered)):
            self._history.append(SimpleNamespace(role=role, parts=[SimpleNamespace(text=text)]))


async def _awaited(value: Any) -> Any:
    return value
