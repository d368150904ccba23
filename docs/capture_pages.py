"""The reference page of captures: variables, the pytest plugin, services, rules, mocks, sessions, formats, Python."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import capture_meanings as meanings
import msgspec
from marked import code, document, said, table, tick

from hotfixture import capture, pytest_plugin
from hotfixture.capture import (
    costs,
    formats,
    hooks,
    journal,
    mocks,
    modes,
    records,
    services,
    serving,
    session,
    templates,
    values,
)
from hotfixture.capture.analysis import analyzer, patterns, trends
from hotfixture.capture.comparing import differences, drift, mocked, paths, requests, tolerances
from hotfixture.capture.playing import playback, tally
from hotfixture.capture.sanitising import bodies, rules, scan

Keys = Callable[[Iterable[str], str, Mapping[str, str], set[str]], str]
Signature = Callable[[Callable[..., Any]], str]
SOURCE = Path(str(capture.__file__)).parent
VARIABLE = re.compile(r"(?:TEST|HFIT)_[A-Z]+(?:_[A-Z]+)*")
NO_VARIABLES = {"TEST_CAPTURE"}
"""What looks like the name of a variable and is the beginning of some."""
ELSEWHERE = {"HFIT_MASKING_KEY", "CI"}
"""Variables that are read through other parts of the program, or under several names."""
FIRST = ("TEST_MODE", "TEST_CAPTURE_DIR", "TEST_CAPTURE_RULES", "TEST_CAPTURE_STRICT", "HFIT_MASKING_KEY")


def capture_page(keys: Keys, signature: Signature) -> str:
    """Everything that a user of captures can set, write or read."""
    parts = ["# Capture", meanings.CAPTURE, "## Modes", table(("mode", "what answers"), _modes())]
    parts += ["## Environment", meanings.VARIABLES, _named(keys, "variable", _variables(), "capture variable")]
    parts += [
        "## Limits",
        meanings.LIMITS,
        table(("service", "calls", "money", "a call", "a million tokens in, out"), _limits()),
    ]
    parts += ["## pytest", meanings.PYTEST, table(("option", "default", "meaning"), _options())]
    parts += [meanings.MARKERS, table(("marker", "meaning"), _markers())]
    parts += [meanings.FIXTURES, table(("fixture", "scope", "gives"), _fixtures())]
    parts += ["## Services", meanings.SERVICES.format(group=services.GROUP)]
    parts += [table(("service", "what it is"), _known(services._TABLE, meanings.KNOWN_SERVICES))]
    parts += ["## Libraries", meanings.HOOKS, table(("module", "is used by"), _known(hooks.HOOKS, meanings.HOOKED))]
    parts += ["## Rules", document(rules), meanings.RULES, _named(keys, "key", rules.KEYS, "capture rules")]
    parts += _mocks(keys)
    parts += ["## Serving", f"{meanings.SERVING} {document(serving)}"]
    parts += _sessions(keys)
    parts += ["## Scan", document(scan)]
    parts += _results(keys, signature)
    parts += ["## Formats", meanings.FORMATS, table(("format", "what it is"), _formats())]
    parts += ["## Python", meanings.PYTHON, *_python(signature)]
    return "\n\n".join(parts)


def _named(keys: Keys, header: str, names: Iterable[str], place: str) -> str:
    """Names with their meanings; KeyError where one has none."""
    names = list(names)
    keys(names, place, {}, set())  # notes that these meanings are needed
    return table((header, "meaning"), ((tick(name), meanings.MEANINGS[place][name]) for name in names))


# ---- what can be set


def _modes() -> Iterator[tuple[str, str]]:
    for mode in modes.MODES:
        yield tick(mode), meanings.MODES[mode]


def _variables() -> list[str]:
    """Every variable that the source of captures names, the modes first."""
    files = [Path(str(pytest_plugin.__file__)), *SOURCE.rglob("*.py")]
    found = {text for file in files for text in _texts(file) if VARIABLE.fullmatch(text)} - NO_VARIABLES
    found |= ELSEWHERE
    return [*FIRST, *sorted(found.difference(FIRST))]


def _texts(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _limits() -> Iterator[tuple[str, ...]]:
    for name in sorted({*costs.CALLS, *costs.MONEY, *costs.PRICES}):
        price = costs.PRICES.get(name, costs.Price())
        calls, money = costs.CALLS.get(name), costs.MONEY.get(name)
        tokens = f"${price.tokens_in:.2f}, ${price.tokens_out:.2f}" if price.tokens_in else "–"
        yield (tick(name), f"{calls:,}" if calls else "–", f"${money:.2f}" if money else "–",
               f"${price.call:.7f}" if price.call else "–", tokens)  # fmt: skip


def _known(names: Iterable[str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names with their texts; KeyError where one has none or a text has no name."""
    for name in texts:
        if name not in names:
            raise KeyError(name)
    for name in sorted(names):
        yield tick(name), texts[name]


# ---- the plugin


class _Options:
    """Stands in for pytest's parser and notes what it is told."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []

    def getgroup(self, *_: str) -> _Options:
        return self

    def addoption(self, name: str, **given: Any) -> None:
        """One option."""
        value = "" if given.get("action") == "store_true" else f" {given.get('metavar') or '|'.join(given['choices'])}"
        default = given.get("default")
        self.rows.append((tick(name + value), tick(default) if default not in (None, "", []) else "", given["help"]))


def _options() -> list[tuple[str, str, str]]:
    found = _Options()
    pytest_plugin.pytest_addoption(found)  # type: ignore[arg-type]  # all that it uses of a parser
    return found.rows


def _markers() -> Iterator[tuple[str, ...]]:
    lines: list[str] = []
    config = SimpleNamespace(
        addinivalue_line=lambda _, line: lines.append(line),
        getoption=lambda _: None,
        option=SimpleNamespace(collectonly=True),
    )
    pytest_plugin.pytest_configure(config)  # type: ignore[arg-type]  # all that it uses of a configuration
    for line in lines:
        name, _, meaning = line.partition(": ")
        yield tick(name), meaning


def _fixtures() -> Iterator[tuple[str, ...]]:
    for name, member in vars(pytest_plugin).items():
        marker = getattr(member, "_fixture_function_marker", None)
        if marker is not None:
            yield tick(name), str(marker.scope), inspect.getdoc(member) or ""


# ---- what stands in files


def _mocks(keys: Keys) -> Iterator[str]:
    yield "## Mocks"
    yield meanings.MOCKS
    yield document(mocks)
    yield "Keys of a rule:"
    yield _named(keys, "key", mocks.Rule.__struct_fields__, "mock rule")
    yield "Keys of an answer:"
    yield _named(keys, "key", mocks.Answer.__struct_fields__, "mock answer")
    yield document(templates)


SHAPES: Mapping[str, tuple[str, Any]] = {
    "An interaction": ("interaction", records.Interaction),
    "An exception (`failure`)": ("exception", records.Failure),
    "A journal's first line (`type` is `header`)": ("journal header", records.Header),
    "A journal's last line (`type` is `trailer`)": ("journal trailer", records.Trailer),
}


def _sessions(keys: Keys) -> Iterator[str]:
    yield "## Sessions"
    yield meanings.SESSIONS.format(version=records.VERSION)
    yield document(journal)
    for title, (place, shape) in SHAPES.items():
        yield f"{title}:"
        yield _fields(keys, place, shape)
    yield "Request → response, by kind:"
    yield _named(keys, "kind", records.Kind.__args__, "capture kind")  # type: ignore[attr-defined]  # of a Literal
    yield "### Bodies"
    yield document(bodies)
    yield "### Values"
    yield document(values)


def _fields(keys: Keys, place: str, shape: Any) -> str:
    """Fields with what the source says below them, else with their meanings."""
    below, own = dict(said(shape)), meanings.MEANINGS[place]
    wanted = [field.name for field in msgspec.structs.fields(shape) if field.name not in below]
    keys(wanted, place, {}, set())
    rows = ((tick(one.name), below.get(one.name) or own[one.name]) for one in msgspec.structs.fields(shape))
    return table(("field", "meaning"), rows)


def _results(keys: Keys, signature: Signature) -> Iterator[str]:
    """What analyses and comparisons give, asked for nothing at all."""
    yield "## Analysis"
    yield meanings.ANALYSIS
    found = analyzer.Gathered().analysis()
    yield _named(keys, "key", found, "analysis")
    yield "Patterns:"
    yield _named(keys, "key", found["patterns"], "pattern")
    yield table(("bound", "is", "meaning"), _bounds(patterns))
    yield "Trends:"
    yield table(("bound", "is", "meaning"), _bounds(trends))
    yield "## Comparison"
    yield meanings.COMPARISON
    for call, place in ((mocked.compare, "comparison"), (drift.compare_sessions, "drift")):
        yield code(f"{call.__module__}.{call.__name__}{signature(call)}")
        yield inspect.getdoc(call) or _missing(call.__name__)
        yield _named(keys, "key", call([], {}), place)
    yield from (document(differences), inspect.getdoc(tolerances.Tolerance) or "", document(paths), document(requests))


def _bounds(module: Any) -> Iterator[tuple[str, str, str]]:
    """The constants of a module that are numbers, with the text below each."""
    for node, text in _explained(ast.parse(inspect.getsource(module)).body):
        names = [name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]
        found = [getattr(module, name) for name in names]
        if all(isinstance(value, int | float) for value in found):
            yield ", ".join(map(tick, names)), ", ".join(f"{value:,}" for value in found), text


def _formats() -> Iterator[tuple[str, str]]:
    for name, place in sorted(formats.TABLE.items()):
        text = inspect.getdoc(import_module(place.partition(":")[0])) or ""
        yield tick(name), " ".join(text.partition("\n\n")[0].split())


# ---- Python


def _python(signature: Signature) -> Iterator[str]:
    for name in capture.__all__:
        member = getattr(capture, name)
        yield f"### {name}"
        yield code(f"hotfixture.capture.{name}{_called(member, signature)}")
        yield inspect.getdoc(member) or _missing(name)
        if isinstance(member, type):
            yield from _members(member)
    for kind in (session.Session, playback.Playback, tally.Tally):
        yield f"### {kind.__name__}"
        if kind is not tally.Tally:
            yield code(f"{kind.__module__}.{kind.__name__}{_called(kind, signature)}")
        yield inspect.getdoc(kind) or _missing(kind.__name__)
        yield from _members(kind)


def _called(member: Any, signature: Signature) -> str:
    """The signature; of a proxy's class that of what makes one."""
    if not isinstance(member, type):
        return signature(member)
    text = signature(member.__init__)  # type: ignore[misc]  # of any class
    text = re.sub(r"^\(self(, )?|^\(\n    self,\n", lambda found: "(\n" if "\n" in found[0] else "(", text)
    return text.removesuffix(" -> None")


_BETWEEN_PROCESSES = frozenset({"forked", "onward", "place", "settle", "share", "trouble"})
"""What hooks and other processes use of a tape."""


def _members(kind: type) -> Iterator[str]:
    """Methods, properties and documented fields of a class of ours, those it inherits too."""
    ours = [one for one in kind.__mro__ if one.__module__.startswith("hotfixture.")]
    rows = {}
    for one in ours:
        # The source of a proxy's class cannot be asked for: `inspect` takes it for what it stands for.
        for name, text in () if hasattr(one, "__wrapped__") else said(one):
            rows.setdefault(name, (tick(name), text))
        for name, member in vars(one).items():
            call = getattr(member, "fget", member)
            if not name.startswith("_") and inspect.isfunction(call):
                given = ", ".join(list(inspect.signature(call).parameters)[1:])
                shown = name if isinstance(member, property) else f"{name}({given})"
                rows.setdefault(name, (tick(shown), _sentence(call) or _inherited(name, ours)))
    rows |= {name: (tick(name), text) for name, text in _set(kind) if name not in rows}
    if rows:
        yield table(("member", "what"), [row for name, row in rows.items() if name not in _BETWEEN_PROCESSES])


def _set(kind: type) -> Iterator[tuple[str, str]]:
    """What a class sets when it is made, with the text below."""
    if "__init__" not in vars(kind) or hasattr(kind, "__wrapped__") or is_dataclass(kind):
        return
    made = ast.parse(textwrap.dedent(inspect.getsource(vars(kind)["__init__"]))).body[0]
    assert isinstance(made, ast.FunctionDef)
    for node, text in _explained(made.body):
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
            yield target.attr, text


def _explained(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.Assign | ast.AnnAssign, str]]:
    """Assignments with the text below each."""
    for node, below in pairwise(body):
        text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(text, str):
            yield node, " ".join(text.split())


def _sentence(call: Any) -> str:
    return " ".join((inspect.getdoc(call) or "").partition("\n\n")[0].split())


def _inherited(name: str, ours: Iterable[type]) -> str:
    found = (_sentence(vars(one)[name]) for one in ours if name in vars(one))
    return next(filter(None, found), None) or _missing(name)


def _missing(name: str) -> str:
    raise KeyError(f"{name} has no docstring")
