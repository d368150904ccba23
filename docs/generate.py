"""Writes what the documentation takes from the program itself: docs/reference, and the pictures.

`make docs` runs it. `pages()` alone gives the texts; a test compares them with what is committed. What the program
cannot say of itself (the meaning of a key, an example of a mask) stands in `meanings.py`, and a name that is missing
there is an error here.
"""

from __future__ import annotations

import inspect
import io
import json
import re
import shlex
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

import hotfixture
from hotfixture import errors, generators, settings
from hotfixture.cli import output
from hotfixture.cli.hfit import hfit
from hotfixture.cli.hfitd import hfitd
from hotfixture.cli.mockcraft import mockcraft
from hotfixture.client import Client, profiles, resources
from hotfixture.client.offers import Offer
from hotfixture.files.formats import FORMATS
from hotfixture.files.plain import plain_text
from hotfixture.generators.options import LOCALES, Option
from hotfixture.plans import declarations, exports, inspection, plan, references, template, values, verification
from hotfixture.plans.calls import Package
from hotfixture.plans.seed import balance, constraints, custom, reading, relations, sizes, types
from hotfixture.plans.seed import series as seed_series
from hotfixture.plans.seed.columns import KINDS
from hotfixture.plans.seed.fill import Filled
from hotfixture.plans.seed.generated import IMPLIED
from hotfixture.plans.seed.json_schema import json_schema
from hotfixture.plans.seed.unfill import Removed
from hotfixture.server import settings as server_settings
from hotfixture.transforms import file_rules, globs, kinds, masks, policy
from hotfixture.transforms.masks import families, invented
from hotfixture.transforms.masks.keys import MaskingKey
from hotfixture.transforms.suspicions import PROPOSALS

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"
PICTURES = HERE / "pictures"
NOTE = "<!-- Written by docs/generate.py from the program. Change the program, then run: make docs -->\n"
sys.path.insert(0, str(HERE))
import capture_pages  # noqa: E402 - stands beside this file, which is no package
import daemon_pages  # noqa: E402 - as above
import marked  # noqa: E402 - as above
import meanings  # noqa: E402 - as above
import recorded  # noqa: E402 - as above
from marked import code, document, table, tick  # noqa: E402 - as above

KEY = MaskingKey(bytes(range(32)))
"""The key of the examples; nobody's."""

NEEDED: set[tuple[str, str]] = set()
"""The meanings that were asked for; what else stands in `meanings.py` is of a key that has gone."""


def pages() -> dict[str, str]:
    """Every page of docs/reference by file name."""
    made = {
        "commands.md": commands(),
        "generators.md": catalogue(),
        **{f"generators/{group}.md": catalogue_of(group) for group in _groups()},
        "masks.md": all_masks(),
        "template.md": template_page(),
        "policy.md": policy_page(),
        "seed-schema.md": seed_page(),
        "server.md": server_page(),
        "hfitd.md": daemon_pages.hfitd_page(_keys),
        "api.md": daemon_pages.api_page(),
        "errors-and-exit-codes.md": errors_page(),
        "capture.md": capture_pages.capture_page(_keys, signature),
        "python.md": python_page(),
    }
    texts = {name: NOTE + text.rstrip() + "\n" for name, text in made.items()}
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    return texts | {"seed-schema.json": schema, "openapi.json": daemon_pages.openapi_text()}


# ---- commands


def commands() -> str:
    """Every command with its help, and what all share."""
    parts = ["# Commands", meanings.COMMANDS]
    for group in (hfit, mockcraft, hfitd):
        parts += [f"## {group.name}", code(helped(group))]
        for name in group.list_commands(click.Context(group)):
            parts += [f"### {group.name} {name}", code(helped(group, name)), *_inner(group, name)]
    parts += ["## Settings and environment", document(settings), "", meanings.KEY]
    parts += ["## Daemons that hfit speaks to", document(profiles)]
    return "\n\n".join(parts)


def _inner(group: Any, name: str) -> Iterator[str]:
    """The commands of a command that is a group itself."""
    found = group.get_command(click.Context(group), name)
    for inner in found.list_commands(click.Context(found)) if isinstance(found, click.Group) else ():
        yield f"#### {group.name} {name} {inner}"
        yield code(helped(group, name, inner))


def helped(group: Any, *command: str) -> str:
    """What `--help` prints."""
    said = io.StringIO()
    with redirect_stdout(said):
        output.run(group, [*command, "--help"])
    return said.getvalue()


# ---- generators


def catalogue() -> str:
    """Every generator by its group, and where its page is."""
    parts = ["# Generators", meanings.GENERATORS, f"Locales: {', '.join(map(tick, LOCALES))}."]
    for group, found in _groups().items():
        links = (f"[{made.name.partition('.')[2]}](generators/{group}.md#{_anchor(made.name)})" for made in found)
        parts += [f"## {group}", f"{len(found)} on [a page of their own](generators/{group}.md): {', '.join(links)}."]
    return "\n\n".join(parts)


def catalogue_of(group: str) -> str:
    """The generators of one group: what each gives, an example, its options, other names, source."""
    parts = [f"# Generators: {group}", "How they are named and given options: [generators](../generators.md)."]
    return "\n\n".join([*parts, *(one for made in _groups()[group] for one in _generator(made))])


def _groups() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in generators.names():
        made = generators.find(name)
        found.setdefault(made.group, []).append(made)
    return found


def _anchor(heading: str) -> str:
    """As GitHub makes one of a heading."""
    return heading.lower().replace(".", "")


def _generator(made: Any) -> Iterator[str]:
    yield f"## {made.name}"
    yield made.doc
    example = plain_text(generators.generate(made.name, seed=1)).replace("\n", " ")
    also = sorted(alias for alias, name in generators.ALIASES.items() if name == made.name)
    facts = [f"- Example: {tick(example if len(example) < 100 else example[:99] + '…')}", f"- Source: {made.source}"]
    facts += [f"- Also called: {', '.join(map(tick, also))}"] if also else []
    capacity = made.capacity()
    facts += [f"- Distinct values with these defaults: {capacity:,}"] if capacity else []
    yield "\n".join(facts)
    if made.options:
        yield options_table(made.options)


def options_table(options: Iterable[Option]) -> str:
    """Options with default, range and meaning."""
    rows = ((tick(o.name), tick(_default(o.default)), o.expected, o.help) for o in options)
    return table(("option", "default", "expected", "meaning"), rows)


def _default(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else plain_text(value)


# ---- masks


def all_masks() -> str:
    """Every mask with an example that was made just now, then what generators do as masks."""
    parts = ["# Masks", meanings.MASKS]
    for name in sorted(masks.TABLE):
        parts += _mask(name, masks.REGISTRY.find(name))
    person = ", ".join(tick(name) for name in sorted(families.PERSON))
    place = ", ".join(tick(name) for name in sorted(families.PLACE))
    parts += ["## Generators as masks", meanings.INVENTED.format(person=person, place=place)]
    parts += [options_table(invented.COMMON), *_example({"email": {}}, ["anna@corp.example", "bob@corp.example"], {})]
    rows = [(tick(name), tick(masks.MaskSpec.parse(mask))) for name, mask in sorted(PROPOSALS.items())]
    parts += ["## What the detector proposes", meanings.CLASSES, table(("class", "mask proposed"), rows)]
    return "\n\n".join(parts)


def _mask(name: str, kind: Any) -> Iterator[str]:
    yield f"## {name}"
    yield inspect.getdoc(kind) or ""
    spec, originals, others = meanings.MASK_EXAMPLES[name]
    yield from _example(spec, originals, others)
    if kind.MAIN:
        yield f"Main option, which may stand directly behind the name: {tick(kind.MAIN)}."
    if kind.OPTIONS:
        yield options_table(kind.OPTIONS)
    if kind.NESTED and "*" not in kind.NESTED:
        yield f"Options that hold masks, lists or any value: {', '.join(map(tick, kind.NESTED))}."
    yield f"Uniqueness: {_uniqueness(kind)}."


def _uniqueness(kind: Any) -> str:
    if isinstance(kind.uniqueness, property):
        return "depends on the inner masks"
    return {"kept": "kept", "likely": "likely kept", "lost": "lost"}[kind.uniqueness]


def _example(spec: Any, originals: Sequence[str], others: Mapping[str, Sequence[str]]) -> Iterator[str]:
    columns = {name: pa.array(column, pa.string()) for name, column in others.items()}
    made = masks.mask_values(spec, pa.array(originals, pa.string()), KEY, **columns).to_pylist()
    shown = [*others.values(), originals, ["NULL" if value is None else value for value in made]]
    yield f"Example, {tick(masks.MaskSpec.parse(spec))}:"
    yield table([*others, "before", "after"], ([tick(cell) for cell in row] for row in zip(*shown, strict=True)))


# ---- templates and policies


def template_page() -> str:
    """The keys of a template, by the places where they stand."""
    parts = ["# Templates", document(template), meanings.TEMPLATE, "## Keys of the file"]
    parts += [_keys(template._KEYS, "template", template._ALSO, {"templateName", "exports"})]
    parts += ["## Parameters", _keys(declarations._KEYS, "parameter", declarations._ALSO, set())]
    parts += ["Types:", table(("type", "written as", "also called"), _types())]
    parts += [
        "Every template understands these without declaring them:",
        table(("parameter", "type", "meaning"), _built_in()),
    ]
    parts += [
        "## Preparations",
        _keys(("setVar", "provider", "query"), "preparation", {}, {"setVar", "provider", "query"}),
    ]
    parts += ["## Exports", meanings.EXPORTS]
    for kind, (keys, required, _) in exports._KINDS.items():
        parts += [f"### {kind}", meanings.KINDS[kind], _keys(keys, f"export {kind}", exports._ALSO, set(required))]
        if kind == "subset":
            parts += ["Under a table of `roots`:", _keys(_fields(exports.Root), "include", {}, set())]
            parts += ["Under a table of `include`:", _keys(_fields(exports.Include), "include", {}, set())]
    parts += ["## References", document(references)]
    parts += [
        "## Formats",
        "Beside `sql`, the script itself. Options stand below the format: `{csv: {spreadsheet: true}}`.",
    ]
    options = [(form, name) for form in FORMATS for name in FORMATS.find(form).options or ("",)]
    lines = (
        (tick(form), tick(name) if name else "", meanings.FORMAT_OPTIONS[name] if name else "")
        for form, name in options
    )
    parts += [table(("format", "option", "meaning"), lines)]
    return "\n\n".join(parts)


def _fields(kind: Any) -> list[str]:
    """The keys that fill a dataclass under its table."""
    names = (field.name for field in fields(kind) if field.name != "table")
    return ["where" if name == "condition" else name for name in names]


def _keys(keys: Iterable[str], place: str, also: Mapping[str, str], required: set[str]) -> str:
    """Keys with their meanings; KeyError where one has none."""
    rows = []
    for key in keys:
        others = ", ".join(tick(other) for other, name in also.items() if name == key and other != key)
        rows.append((tick(key), "yes" if key in required else "", meanings.MEANINGS[place][key], others))
        NEEDED.add((place, key))
    return table(("key", "required", "meaning", "also called"), rows)


def _types() -> Iterator[tuple[str, ...]]:
    for name in (*values.TYPES, "list[…]"):
        others = ", ".join(tick(other) for other, kind in values._ALSO.items() if kind == name)
        yield tick(name), meanings.TYPES[name], others


def _built_in() -> Iterator[tuple[str, ...]]:
    for name, parameter in declarations.BUILT_IN.items():
        others = [tick(other) for other, known in declarations.OTHER_NAMES.items() if known == name]
        also = f" (also {', '.join(others)})" if others else ""
        yield tick(name) + also, str(parameter.type), parameter.description


def policy_page() -> str:
    """The keys of a policy."""
    parts = ["# Policies", document(policy), "## Keys of the file", _keys(policy._KEYS, "policy", {}, {"default"})]
    parts += ["## Keys of a rule", _keys(policy._RULE_KEYS, "rule", {}, set())]
    parts += ["## Rules for files", document(file_rules), _keys(file_rules.KEYS, "file rule", {}, {"match"})]
    parts += ["Kinds of binary files: " + ", ".join(map(tick, file_rules.KINDS)) + "."]
    parts += ["## Patterns of columns", f"{document(globs)} {globs.FORM}"]
    shown = ", ".join(map(tick, kinds.KINDS))
    parts += [
        "## Types",
        f"{shown}; `number` for integer, decimal and float; or a pattern of the engine's own type text.",
    ]
    parts += ["## Classes", ", ".join(tick(name) for name in sorted(PROPOSALS)) + "."]
    return "\n\n".join(parts)


# ---- seed schemas


def seed_page() -> str:
    """The keys of a seed schema, by the places where they stand."""
    parts = ["# Seed schemas", meanings.SEED_SCHEMA, "## Keys of the file"]
    parts += [_keys(reading.SCHEMA_KEYS, "seed schema", reading.SCHEMA_ALSO, set())]
    parts += ["## Keys of a table", _keys(reading.TABLE_KEYS, "seed table", reading.TABLE_ALSO, {"columns"})]
    parts += ["## Constraints", _keys(constraints.KEYS, "seed constraint", {}, set())]
    parts += ["## Sizes", meanings.SIZES, _keys(sizes._KEYS, "seed size", sizes._ALSO, {"per"})]
    parts += ["## Keys of every column", _keys(reading.COLUMN_KEYS, "seed column", reading.COLUMN_ALSO, set())]
    parts += ["## Kinds of columns", meanings.SEED_KINDS]
    for kind in KINDS.values():
        parts += [
            f"### {kind.key}",
            _keys((kind.key, *kind.keys), f"seed {kind.key}", reading.COLUMN_ALSO, {kind.key} - {"generator"}),
        ]
        if kind.key == "series":
            parts += ["Under `series`:", _keys(seed_series.KEYS, "series", {}, {"at"})]
        if kind.key == "balance":
            parts += ["Under `balance`:", _keys(balance.KEYS, "balance", {}, {"of"})]
        if kind.key == "states":
            parts += ["Under `states`:", _keys(("start", "transitions", "steps"), "states", {}, {"transitions"})]
    parts += ["## References", meanings.SEED_REFERENCES, _keys(relations.KEYS, "seed reference", relations.ALSO, set())]
    parts += ["## Relations of the schema", _keys(relations._RELATION_KEYS, "relation", {}, {"from", "to"})]
    parts += ["## Generators of the schema", document(custom), _keys(custom.KEYS, "own generator", {}, set())]
    rows = ((tick(name), _also(types.OTHER_NAMES, name)) for name in types.NAMES)
    parts += ["## Types", meanings.SEED_TYPES, table(("type", "also called"), rows)]
    implied = ", ".join(tick(name.partition(".")[2]) for name in sorted(IMPLIED))
    parts += ["## Columns that go by their name", meanings.IMPLIED.format(names=implied)]
    return "\n\n".join(parts)


def _also(others: Mapping[str, str], name: str) -> str:
    return ", ".join(tick(other) for other, known in others.items() if known == name)


# ---- errors and Python


def errors_page() -> str:
    """The tree of errors, and what a process ends with."""
    tree = inspect.cleandoc(errors.__doc__ or "").partition("::")[2]
    parts = ["# Errors and exit codes", meanings.ERRORS, code(textwrap.dedent(tree).strip("\n"))]
    rows = [
        (tick(kind.__name__), kind.exit_code, (inspect.getdoc(kind) or "").partition("\n")[0]) for kind in _errors()
    ]
    parts += [table(("error", "exit code", "when"), rows), "## Exit codes", _codes()]
    return "\n\n".join(parts)


def _errors(kind: Any = errors.HotFixtureError) -> Iterator[Any]:
    yield kind
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield from _errors(inner)


def _codes() -> str:
    text = " ".join((output.__doc__ or "").split())
    said = text.partition("Exit codes: ")[2].partition(". See")[0]
    return table(("code", "meaning"), (part.strip().split(" ", 1) for part in said.split("·")))


def python_page() -> str:
    """Every public call with its signature and docstring, and the objects they give."""
    parts = ["# Python", meanings.PYTHON]
    for name in hotfixture.__all__:
        call = getattr(hotfixture, name)
        parts += [
            f"## hotfixture.{name}",
            code(f"hotfixture.{name}{signature(call)}", "text"),
            inspect.getdoc(call) or "",
        ]
    parts.append("## What the calls give")
    for kind in (Package, plan.Plan, inspection.Inspection, verification.Verified, Filled, Removed):
        parts += [f"### {kind.__name__}", (inspect.getdoc(kind) or "").partition("\n\n")[0], _attributes(kind)]
    parts += ["## hotfixture.capture", meanings.CAPTURE_PYTHON]
    parts += ["## hotfixture.client", meanings.CLIENT, client_calls()]
    parts += ["### Errors", "See [errors and exit codes](errors-and-exit-codes.md): they stand in `hotfixture.errors`."]
    return "\n\n".join(parts)


def client_calls() -> str:
    """What a client of a daemon offers, by the kind of thing."""
    rows = []
    for kind in (resources.Templates, resources.Packages, resources.Providers, resources.Volumes):
        for name, offer in vars(kind).items():
            if isinstance(offer, Offer):
                found = inspect.signature(offer.build)
                gives = str(found.return_annotation).removeprefix("Call[").removesuffix("]")
                given = ", ".join(found.parameters)
                rows.append((tick(f"{kind.__name__.lower()}.{name}({given})"), tick(gives), _first_line(offer.build)))
    own = ((name, getattr(Client, name)) for name in ("login", "whoami", "package", "files", "file"))
    rows += [(tick(f"{name}({', '.join(list(inspect.signature(call).parameters)[1:])})"), "", _first_line(call))
             for name, call in own]  # fmt: skip
    return table(("call", "gives", "what"), rows)


def signature(call: Callable[..., Any]) -> str:
    """The signature, one parameter a line where it is long."""
    found = inspect.signature(call)
    # Annotations are texts here, which `inspect` shows in quotes; those of a default are its own.
    parameters = [re.sub(r"^([*\w]+: )(['\"])(.*?)\2(?= = |$)", r"\1\3", str(one)) for one in found.parameters.values()]
    # A default that is a function has an address, another one in each run; that of an object says all of its fields.
    parameters = [re.sub(r" = (<.*>|\w+\(.{30,}\))$", " = …", parameter) for parameter in parameters]
    kinds_ = [parameter.kind for parameter in found.parameters.values()]
    if inspect.Parameter.KEYWORD_ONLY in kinds_:
        parameters.insert(kinds_.index(inspect.Parameter.KEYWORD_ONLY), "*")
    short = f"({', '.join(parameters)}) -> {found.return_annotation}"
    return short if len(short) < 80 else "(\n    " + ",\n    ".join(parameters) + f",\n) -> {found.return_annotation}"


def _attributes(kind: Any) -> str:
    """Fields, properties and methods of a dataclass, with their docstrings."""
    assert is_dataclass(kind)
    said = dict(marked.said(kind))
    rows = [(tick(field.name), tick(str(field.type)), said.get(field.name, "")) for field in fields(kind)]
    for name, member in vars(kind).items():
        if not name.startswith("_") and callable(getattr(member, "fget", member)) and name not in said:
            rows.append((tick(name), "property" if isinstance(member, property) else "method", _first_line(member)))
    return table(("name", "type", "meaning"), rows)


def _first_line(member: Any) -> str:
    return (inspect.getdoc(member) or "").partition("\n")[0]


# ---- the server


def server_page() -> str:
    """The settings of the server."""
    rows = (
        (tick(key), tick(flag), tick(variable), tick(default), meaning)
        for key, flag, variable, default, meaning in server_settings.table()
    )
    header = ("key of the file", "flag", "variable", "default", "meaning")
    return "\n\n".join(["# Settings of the server", meanings.SERVER, table(header, rows)])


# ---- the pictures


def picture() -> str:
    """The demo's terminal output as SVG; SystemExit where the demo fails."""
    sys.path.insert(0, str(HERE.parent / "examples"))
    import demo

    demo.console = console()
    if demo.main():
        raise SystemExit("the demo does not hold, so there is no picture of it")
    return drawn(demo.console, "make demo", "demo")


def seeding() -> str:
    """What the commands of seeding print as SVG; SystemExit where one fails."""
    shown = console()
    with tempfile.TemporaryDirectory() as folder:
        for line in SHOWN:
            shown.print(f"[bold]$ {line}[/bold]")
            words = shlex.split(line.replace("sqlite:///", f"sqlite:///{folder}/"))
            words = [str(HERE.parent / word) if word.startswith("examples/") else word for word in words]
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                if output.run(mockcraft, words[1:]):
                    raise SystemExit(f"{line} fails: {said.getvalue()}")
            shown.print(said.getvalue().rstrip(), markup=False)
            shown.print()
    return drawn(shown, "mockcraft", "seed")


SHOWN = (
    "mockcraft seed --config examples/seed/shop.yaml --db sqlite:///shop.db",
    "mockcraft seed --config examples/seed/shop.yaml --db sqlite:///shop.db",
    "mockcraft verify examples/seed/shop.yaml --db sqlite:///shop.db",
    "mockcraft row examples/seed/shop.yaml orders 5999",
    "mockcraft generate full_name --count 3 --locale de --seed 7",
)


def recording() -> str:
    """What recording, comparing and playing back print as SVG; SystemExit where a command fails."""
    shown = console()
    for line, said in recorded.printed():
        shown.print(f"[bold]$ {line}[/bold]")
        shown.print(said, markup=False)
        shown.print()
    return drawn(shown, "hfit capture", "recorded")


def console() -> Any:
    """A terminal that is recorded."""
    from rich.console import Console

    return Console(record=True, width=118, file=io.StringIO(), force_terminal=True, highlight=False)


def drawn(printed: Any, title: str, name: str) -> str:
    """What was printed, as SVG."""
    drawn: str = printed.export_svg(title=title, unique_id=name)
    # The time it took differs from run to run, and the picture would with it.
    drawn = re.sub(r"\(\d+\.\d(&#160;| )s\)", "", drawn)
    # A reader's browser fetches nothing: the font is whatever stands here for `monospace`.
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")


def main() -> None:
    """Write everything."""
    (REFERENCE / "generators").mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
    if "--pages" not in sys.argv:
        PICTURES.mkdir(exist_ok=True)
        for name, made in (("demo", picture), ("seed", seeding), ("recorded", recording)):
            (PICTURES / f"{name}.svg").write_text(made(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
