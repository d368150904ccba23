"""The command `mockcraft`: invented values by name."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from hotfixture.cli import output
from hotfixture.cli.lazy import program
from hotfixture.files.plain import plain_text

if TYPE_CHECKING:
    from hotfixture.generators.base import Generator

BATCH = 65_536
_FEW = 200  # so many values are made in plain Python sooner than numpy and pyarrow are imported


_SEED = "hotfixture.cli.mockcraft_seed"
LATER = {
    "backup": ("hotfixture.cli.mockcraft_backup:backup", "Back up a database, and prove that the backup restores."),
    "check": (f"{_SEED}:check", "Check a schema: every problem with its place, sizes and time estimated."),
    "completion": ("hotfixture.cli.completion:completion", "Print the script by which a shell completes commands."),
    "introspect": (f"{_SEED}:introspect", "Draft a schema from a live database."),
    "restore": ("hotfixture.cli.mockcraft_backup:restore", "Restore a database from a backup, and compare."),
    "row": (f"{_SEED}:row", "Print any one row of a schema's table, at once."),
    "unseed": (f"{_SEED}:unseed", "Remove exactly the rows that seeding a schema wrote."),
    "verify": (f"{_SEED}:verify", "Compare a database with the schema it was seeded from."),
    "schema": (f"{_SEED}:schema", "Print the JSON Schema of the format, for editors."),
    "seed": (f"{_SEED}:seed", "Fill a database, or files, with the rows of a schema."),
    "server": ("hotfixture.cli.mockcraft_server:server", "Serve values and seeding runs over HTTP."),
}
"""Commands that stand elsewhere and are imported when they are asked for."""


@program("mockcraft", LATER)
def mockcraft() -> None:
    """Invent test data that looks real and belongs to nobody."""


def main() -> None:
    """The entry point of the command."""
    sys.exit(output.run(mockcraft))


def _complete_type(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """Names for the completion of a shell, with their group or without."""
    from hotfixture import generators

    known = {spelling for name in generators.TABLE for spelling in (name, name.partition(".")[2])}
    begun = incomplete.lower().replace("_", "")  # people type firstname, and the shell puts first_name
    return sorted(spelling for spelling in known if spelling.replace("_", "").startswith(begun))


@mockcraft.command(
    context_settings={"ignore_unknown_options": True},
    options_metavar="[OPTIONS] [--OPTION=VALUE]...",
    short_help="Print invented values of one type.",
    epilog="`mockcraft generators` lists every TYPE, `mockcraft generators TYPE` its own options and their ranges.",
)
@click.argument("type_name", metavar="TYPE", shell_complete=_complete_type)
@click.argument("rest", nargs=-1, type=click.UNPROCESSED, metavar="")
@click.option("--count", metavar="N", type=click.IntRange(min=0), default=1, show_default=True, help="How many values.")
@click.option(
    "--seed", metavar="S", type=int, help="The same seed gives the same values for ever; without one they are fresh."
)
@click.option("--locale", metavar="L", help="Language and country whose customs the values follow.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "ndjson", "parquet"]),
    help="Each value and a line end, JSON (a list if there are several), CSV with a header, NDJSON (one JSON value a "
    "line), or Parquet.  [default: what the file's name says (.csv, .json.gz), else text]",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--pretty", is_flag=True, help="JSON on several indented lines.")
@click.option(
    "--compress",
    type=click.Choice(["gzip", "zstd"]),
    help="Compress what is written.  [default: what the file's name says]",
)
@click.option("-o", "--output", "path", metavar="FILE", help="Write to a file instead of standard output.")
def generate(
    *,
    type_name: str,
    rest: tuple[str, ...],
    count: int,
    seed: int | None,
    locale: str | None,
    form: str | None,
    as_json: bool,
    pretty: bool,
    compress: str | None,
    path: str | None,
) -> None:
    """Print invented values of one TYPE, such as firstname, uuid or timestamp."""
    from hotfixture import generators

    said, packed = _named_form(path)
    form, compress = _form(form, said, as_json=as_json, pretty=pretty), compress or packed
    made = generators.find(type_name)
    options = _options(made, rest)
    if locale is not None:
        options["locale"] = locale
    made.settle(options)  # refused before a file is opened
    if seed is None:
        seed = _fresh_seed()
    from hotfixture.cli import forms

    arrow = form == forms.PARQUET
    batches = _batches(made.name, count, seed, options, arrow=arrow)
    kind = made.arrow_type(**options) if arrow else None
    told = forms.Told(made.name.partition(".")[2].partition(" ")[0], count, kind, pretty)
    if not arrow and not compress:
        with output.destination(path) as stream:
            stream.writelines(piece.decode() for piece in forms.pieces(form, batches, told))
    else:
        with output.binary_destination(path) as raw:
            forms.write(raw, form, compress or "", batches, told)


_FORMS = {"json": "json", "csv": "csv", "ndjson": "ndjson", "jsonl": "ndjson", "parquet": "parquet", "txt": "text"}
_PACKED = {"gz": "gzip", "zst": "zstd"}


def _named_form(path: str | None) -> tuple[str, str]:
    """The form and the compression that the end of a file's name says; empty where it says none."""
    ends = (path or "").lower().split(".")[1:]
    packed = _PACKED.get(ends.pop(), "") if ends and ends[-1] in _PACKED else ""
    return _FORMS.get(ends[-1], "") if ends else "", packed


def _form(form: str | None, named: str, *, as_json: bool, pretty: bool) -> str:
    """The form that all of them together ask for; a usage error where they say the opposite."""
    wanted = form or ("json" if as_json or pretty else named or "text")
    if wanted != "json" and (as_json or pretty):
        raise click.UsageError(f"{'--json' if as_json else '--pretty'} is for JSON, not for --format {wanted}")
    return wanted


def _fresh_seed() -> int:
    from os import urandom

    return int.from_bytes(urandom(8))


def _options(made: Generator, rest: Iterable[str]) -> dict[str, str]:
    """`--name=value` and `--name value`; `--name` alone says true of a truth value."""
    truths = {option.name for option in made.options if option.kind == "boolean"}
    found: dict[str, str] = {}
    words = iter([*rest, None])
    word = next(words)
    while word is not None:
        name, sign, value = _named(word)
        word = next(words)
        if not sign and word is not None and not _is_option(word) and name not in truths:
            value, word = word, next(words)
        elif not sign and name in truths:
            value = "true"
        elif not sign:
            raise click.UsageError(f"--{name} needs a value: --{name}=VALUE")
        if name in found:
            raise click.UsageError(f"--{name} is given twice")
        found[name] = value
    return found


def _named(word: str) -> tuple[str, str, str]:
    if not _is_option(word):
        raise click.UsageError(f"unexpected argument {word!r}: options are written --name=value")
    name, sign, value = word.removeprefix("--").partition("=")
    return name.replace("-", "_"), sign, value


def _is_option(word: str) -> bool:
    return word.startswith("--") and len(word) > 2


Batch = Any
"""A list of plain values, or an Arrow array."""


def _batches(name: str, count: int, seed: int, options: dict[str, Any], *, arrow: bool) -> Iterator[Batch]:
    """All values, in pieces that fit memory whatever their number; a few of them without numpy, unless `arrow`."""
    from hotfixture.generators import generate as invent

    if count <= _FEW and not arrow:
        yield [invent(name, seed=seed, first=row, **options) for row in range(count)]
        return
    for first in range(0, count, BATCH):
        yield invent(name, count=min(BATCH, count - first), seed=seed, first=first, **options)


@mockcraft.command(short_help="List what can be generated, with examples and options.")
@click.argument("type_names", metavar="[TYPE]...", nargs=-1, shell_complete=_complete_type)
@click.option("--json", "as_json", is_flag=True, help="Everything there is to know, for programs.")
def generators(type_names: tuple[str, ...], as_json: bool) -> None:
    """List what can be generated: names, an example each, options with their defaults.

    A TYPE is shown in full. A group (health, finance), or a word that stands in names or descriptions, lists what is
    in it.
    """
    from hotfixture import generators as catalogue

    meant = [catalogue.meant(name) for name in type_names]
    wanted = [[known] if known else _search(name) for name, known in zip(type_names, meant, strict=True)]
    found = [catalogue.find(name) for names in (wanted or [catalogue.names()]) for name in names]
    if as_json:
        output.write_json([_described(made) for made in found])
    elif type_names and all(meant):
        for made in found:
            _show(made)
    else:
        rows = [(made.name, _short(_example(made)), _short_options(made)) for made in found]
        output.table(rows, ["TYPE", "EXAMPLE", "OPTIONS"])


def _search(word: str) -> list[str]:
    """The generators of a group, else those in whose name or description the word stands; UnknownNameError for none."""
    from hotfixture import generators as catalogue
    from hotfixture.generators.aliases import GROUP_ALIASES

    wanted = word.lower().replace("-", "_").replace(" ", "_")
    groups = {alias: group for group, others in GROUP_ALIASES.items() for alias in others}
    group = groups.get(wanted, wanted)
    names = catalogue.names()
    found = [name for name in names if name.partition(".")[0] == group]
    found = found or [name for name in names if wanted in name or word.lower() in catalogue.find(name).doc.lower()]
    return found or [catalogue.canonical(word)]


def _example(made: Generator) -> Any:
    from hotfixture.generators import generate as invent

    return invent(made.name, seed=1)


def _short(value: Any, width: int = 44) -> str:
    text = _one_line(plain_text(value))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _default(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else _one_line(plain_text(value))


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n")


def _short_options(made: Generator) -> str:
    shown = ((option.name, _default(option.default)) for option in made.options)
    return " ".join(f"{name}={default}" if default else name for name, default in shown)


def _show(made: Generator) -> None:
    """One generator in full."""
    lines = [f"{made.name}: {made.doc}", f"  example: {plain_text(_example(made))}", f"  source: {made.source}"]
    for option in made.options:
        default = f" (default {_default(option.default)})" if option.default is not None else ""
        lines.append(f"  --{option.name}: {option.expected}{default}. {option.help}")
    click.echo("\n".join(lines))


def _described(made: Generator) -> dict[str, Any]:
    options = [
        {
            "name": option.name,
            "kind": option.kind,
            "default": option.default,
            "expected": option.expected,
            "help": option.help,
        }
        for option in made.options
    ]
    return {
        "name": made.name,
        "group": made.group,
        "description": made.doc,
        "example": _example(made),
        "options": options,
        "capacity": made.capacity(),
        "source": made.source,
        "version": made.version,
    }
