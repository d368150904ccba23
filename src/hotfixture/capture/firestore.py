"""Firestore clients whose operations are described to a manager: the whole surface of the package, asynchronous too.

Each is a proxy of the package's own object, so that `isinstance` holds and every method and option is there. Those that
ask the server are recorded as `collection.add`, `document.get`, `query.stream` …; whatever they give is captured too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import wrapt

from hotfixture.capture.capturing import Describe, Manager, Passing, passed

SERVICE = "firestore"
_TRANSPORT = ("retry", "timeout")
"""Options of the connection, not of what is asked."""


def _value(value: Any) -> Any:
    """A value of a document; a reference to another is its path."""
    if isinstance(value, dict):
        return {name: _value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_value(inner) for inner in value]
    if isinstance(value, _Capture):
        value = value.__wrapped__
    return {"reference": value.path} if _is(value, "BaseDocumentReference") else value


def _is(value: Any, *names: str) -> bool:
    """By the name of a class, so that the package is not imported here."""
    return any(cls.__name__ in names for cls in type(value).__mro__)


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)


def _added(result: Any) -> dict[str, Any]:
    reference = result[1] if isinstance(result, tuple) and len(result) > 1 else result
    return {"document_id": _text(reference.id), "document_path": _text(reference.path)}


def _written(result: Any) -> dict[str, Any]:
    return {"write_result": _moment(result)}


def _moment(result: Any) -> Any:
    """Of a write the time it took effect."""
    at = getattr(result, "update_time", result)
    return _text(at.isoformat() if hasattr(at, "isoformat") else at)


def _committed(results: Any) -> dict[str, Any]:
    return {"count": len(results or ()), "write_results": [_moment(one) for one in results or ()]}


def _snapshot(snapshot: Any) -> dict[str, Any]:
    if not hasattr(snapshot, "to_dict"):
        return _documents([_document(one) for one in snapshot])
    return {"exists": snapshot.exists, "data": _value(snapshot.to_dict()), "id": snapshot.id}


def _document(snapshot: Any) -> dict[str, Any]:
    return {"id": snapshot.id, "data": _value(snapshot.to_dict())}


def _documents(documents: list[Any]) -> dict[str, Any]:
    return {"document_count": len(documents), "documents": documents}


def _reference(reference: Any) -> Any:
    return _text(getattr(reference, "path", None) or "/".join(getattr(reference, "_path", ())) or reference)


def _references(paths: list[Any]) -> dict[str, Any]:
    return {"count": len(paths), "paths": paths}


def _aggregate(row: Any) -> list[Any]:
    return [{"alias": one.alias, "value": one.value} for one in row]


def _aggregates(rows: list[Any]) -> dict[str, Any]:
    return {"results": rows}


def _plainly(result: Any) -> Any:
    return None if result is None else {"value": _value(result)}


Operation = tuple[Describe, Describe | None]
_OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "client": {
        "get_all": (_documents, _document), "collections": (_references, _reference),
        "recursive_delete": (_plainly, None),
    },
    "collection": {
        "add": (_added, None), "stream": (_documents, _document), "get": (_documents, _document),
        "list_documents": (_references, _reference),
    },
    "query": {"stream": (_documents, _document), "get": (_documents, _document)},
    "document": {
        "create": (_written, None), "set": (_written, None), "get": (_snapshot, None), "update": (_written, None),
        "delete": (_written, None), "collections": (_references, _reference),
    },
    "aggregation": {"get": (_aggregates, _aggregate), "stream": (_aggregates, _aggregate)},
    "batch": {"commit": (_committed, None)},
    "transaction": {
        "_commit": (_committed, None), "get": (_documents, _document), "get_all": (_documents, _document),
    },
    "bulk_writer": {
        "create": (_plainly, None), "set": (_plainly, None), "update": (_plainly, None), "delete": (_plainly, None),
        "flush": (_plainly, None),
    },
}  # fmt: skip
"""What asks the server, by kind of object: how its answer is described, and one piece of it where it is a stream."""
_NAMES: Mapping[str, tuple[str, ...]] = {
    "add": ("document_data", "document_id"), "set": ("document_data", "merge"), "create": ("document_data",),
    "update": ("field_updates", "option"), "delete": ("option",), "get": ("field_paths", "transaction"),
    "stream": ("transaction",), "get_all": ("references", "field_paths", "transaction"),
    "list_documents": ("page_size",), "flush": (),
}  # fmt: skip
"""Arguments that may be given by position."""


class _Capture(wrapt.ObjectProxy[Any]):
    """An object of the package, with what is recorded of it."""

    _self_kind: ClassVar[str] = ""

    def __init__(self, wrapped: Any, manager: Manager) -> None:
        super().__init__(wrapped)
        self._self_manager = manager

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__wrapped__, name)
        operation = _OPERATIONS.get(self._self_kind, {}).get(name)
        if operation is not None:
            return self._self_asking(name, value, operation)
        if name == "on_snapshot":
            return self._self_listening(value)
        if name.startswith("_"):
            return value
        if callable(value) and not isinstance(value, type):
            return lambda *args, **kwargs: self._self_further(value(*_bare(args), **_bare(kwargs)))
        return self._self_further(value)

    def _self_asking(self, name: str, method: Callable[..., Any], operation: Operation) -> Callable[..., Any]:
        """A method that asks the server."""

        def ask(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = _bare(args), _bare(kwargs)
            label = f"{self._self_kind}.{name.lstrip('_')}"
            how = Passing(SERVICE, label, self._self_request(name, args, kwargs), *operation, self._self_further)
            return passed(self._self_manager, how, method, args, kwargs)

        return ask

    def _self_request(self, name: str, args: Any, kwargs: Any) -> dict[str, Any]:
        """What is asked: where, and the arguments by their names."""
        try:
            names = ("reference", *_NAMES[name]) if self._self_kind == "bulk_writer" else _NAMES.get(name, ())
            given = dict(zip(names, args, strict=False)) | kwargs
            asked = {key: _asked(one) for key, one in given.items() if key not in _TRANSPORT and one is not None}
            return {**_place(self.__wrapped__), **asked}
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            self._self_manager.session.trouble(error)
            return {}

    def _self_listening(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """`on_snapshot`: each time the program is told something is an interaction of its own."""

        def listen(callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            def told(snapshots: Any, changes: Any, at: Any) -> Any:
                request = _place(self.__wrapped__)
                label = f"{self._self_kind}.on_snapshot"
                with self._self_manager.capture_interaction(SERVICE, label, request) as interaction:
                    answer = _documents([_document(one) for one in snapshots])
                    self._self_manager.record_response(interaction["id"], answer)
                return callback(self._self_further(snapshots), changes, at)

            return method(told, *args, **kwargs)

        return listen

    def _self_further(self, value: Any) -> Any:
        """What is captured of what an object gives."""
        if isinstance(value, tuple) and type(value) is tuple:
            return tuple(self._self_further(one) for one in value)
        if isinstance(value, list) and type(value) is list:
            return [self._self_further(one) for one in value]
        for name, cls in _KINDS.items():
            if not isinstance(value, _Capture) and _is(value, name):
                return cls(value, self._self_manager)
        return value

    def __enter__(self) -> Any:
        self.__wrapped__.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        if self._self_kind == "batch":
            if error[0] is None:
                self.commit()
            return None
        return self.__wrapped__.__exit__(*error)

    async def __aenter__(self) -> Any:
        await self.__wrapped__.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        if self._self_kind == "batch":
            if error[0] is None:
                await self.commit()
            return None
        return await self.__wrapped__.__aexit__(*error)

    def __copy__(self) -> Any:
        import copy

        return type(self)(copy.copy(self.__wrapped__), self._self_manager)

    def __deepcopy__(self, memo: Any) -> Any:
        import copy

        return type(self)(copy.deepcopy(self.__wrapped__, memo), self._self_manager)


class CaptureFirestoreClient(_Capture):
    """A client, synchronous or not, whose operations are recorded."""

    _self_kind = "client"

    def collection(self, *path: str) -> CaptureCollectionReference:
        """A collection, captured."""
        return CaptureCollectionReference(self.__wrapped__.collection(*path), self._self_manager)

    def document(self, *path: str) -> CaptureDocumentReference:
        """A document, captured."""
        return CaptureDocumentReference(self.__wrapped__.document(*path), self._self_manager)


class CaptureCollectionReference(_Capture):
    """A collection whose operations are recorded."""

    _self_kind = "collection"

    def document(self, document_id: str | None = None) -> CaptureDocumentReference:
        """A document of it, captured; with an id that is made up where none is given."""
        wrapped = self.__wrapped__
        found = wrapped.document() if document_id is None else wrapped.document(document_id)
        return CaptureDocumentReference(found, self._self_manager)


class CaptureDocumentReference(_Capture):
    """A document whose operations are recorded."""

    _self_kind = "document"

    def collection(self, collection_id: str) -> CaptureCollectionReference:
        """A collection within it, captured."""
        return CaptureCollectionReference(self.__wrapped__.collection(collection_id), self._self_manager)


class _CaptureQuery(_Capture):
    _self_kind = "query"


class _CaptureAggregation(_Capture):
    _self_kind = "aggregation"


class _CaptureTransaction(_Capture):
    _self_kind = "transaction"


class _CaptureBatch(_Capture):
    _self_kind = "batch"


class _CaptureBulkWriter(_Capture):
    _self_kind = "bulk_writer"


class _CaptureSnapshot(_Capture):
    _self_kind = "snapshot"


_KINDS: Mapping[str, type[_Capture]] = {
    "BaseTransaction": _CaptureTransaction,
    "BaseWriteBatch": _CaptureBatch,
    "BulkWriter": _CaptureBulkWriter,
    "BaseCollectionReference": CaptureCollectionReference,
    "BaseDocumentReference": CaptureDocumentReference,
    "BaseQuery": _CaptureQuery,
    "BaseAggregationQuery": _CaptureAggregation,
    "DocumentSnapshot": _CaptureSnapshot,
    "BaseClient": CaptureFirestoreClient,
}
"""Classes of the package, by name, and what captures them."""


def _bare(value: Any) -> Any:
    """Arguments as the package knows them."""
    if isinstance(value, _Capture):
        return value.__wrapped__
    if type(value) in (list, tuple):
        return type(value)(_bare(one) for one in value)
    if type(value) is dict:
        return {name: _bare(one) for name, one in value.items()}
    return value


def _asked(value: Any) -> Any:
    """An argument, described."""
    if _is(value, "BaseTransaction"):
        return True
    return _value(list(value) if not isinstance(value, dict | str) and hasattr(value, "__iter__") else value)


def _place(target: Any) -> dict[str, Any]:
    """Where an object stands, or what it asks for."""
    if _is(target, "BaseAggregationQuery"):
        return _place(target._nested_query) | {"aggregations": [type(one).__name__ for one in target._aggregations]}
    if _is(target, "BaseQuery"):
        query = target._to_protobuf()
        return {
            "path": "/".join(target._parent._path),
            "query": type(query).to_dict(query, use_integers_for_enums=False),
        }
    if _is(target, "BaseWriteBatch", "BaseTransaction"):
        writes = getattr(target, "_write_pbs", ())
        return {"writes": [type(one).to_dict(one, use_integers_for_enums=False) for one in writes]}
    path = getattr(target, "path", None) or "/".join(map(str, getattr(target, "_path", None) or ()))
    return {"path": _text(path)} if path else {}
