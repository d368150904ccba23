"""What the program cannot say of itself: introductions, the meaning of each key, an example of each mask.

`generate.py` puts these beside what it reads from the program; a key or mask without its text here is an error there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COMMANDS = """What each command prints for `--help`. `--debug` may stand anywhere on the command line: an error then
shows its traceback. Standard output carries what was asked for, standard error everything else, so pipes stay clean."""

KEY = """The masking key is the first of: the file of `--key-file`, `HFIT_MASKING_KEY`, the key file of the environment
or the settings, a key of your own in the configuration folder (`hfit` makes it on first use, readable by you alone).
A key has 64 hexadecimal digits or more; `openssl rand -hex 32` makes one."""

GENERATORS = """A generator makes invented values from draws: the same seed, options and row give the same value in
every release ([stability](../policies/stability.md)). Names are tolerant: `people.first_name`, `first_name`,
`firstName` and `firstname` are one. On the command line an option is written `--name=value`; in a mask
`{name: {option: value}}`; in Python as a keyword. Examples are what seed 1 gives."""

MASKS = """A mask turns the value of a column into another. Write its name (`email`), its name with the main option
(`{keep_last: 4}`), or its name with options (`{email: {by: customer_id}}`). NULL stays NULL and an empty text stays
empty, but for `null` and `fixed`. *Uniqueness* says whether different values stay different; `hfit plan` checks that
against the table's unique keys. The examples were made with a public key: yours gives other values."""

INVENTED = """Every [generator](generators.md) is a mask under any of its names; records (`person`, `address`,
`coordinates`) and row numbers (`sequence`, `permutation`) are not. The original's keyed hash takes the place of the row
number, so equal originals get equal masks. Where a generator has the option `unique`, it is on unless the mask says
otherwise.

Masks of one row that describe one person agree: they follow the row's `email` column ({person}). So do those of one
place ({place}), which follow the row's first address column. A mask that says `by` or `domain` itself is left alone.
All generator masks have these options beside their own:"""

CLASSES = """The classes that `hfit inspect` and a policy's `class:` know, and the mask that is proposed for each."""

TEMPLATE = """A parameter stands in SQL and in paths as `${name}`. In SQL it becomes a value through the syntax tree of
the query, a list becomes several values; in a path it is text that cannot leave its volume. A template without
`parameters:` may be given any parameter that it uses. All problems of a file are reported at once, with line and
column. The guide is [Write a template](../guides/write-a-template.md)."""

EXPORTS = """By name. An export with a `query` is a query; others say their `type`."""

ERRORS = """Every error is one of these classes of `hotfixture.errors`. `error.problems` holds each problem with its
place and what to do. No error carries a password or a masking key."""

PYTHON = """Everything the commands do is a call. Each is imported on first use: `import hotfixture` alone loads neither
numpy nor pyarrow nor a database driver. The guide is [In pytest and CI](../guides/in-pytest-and-ci.md)."""

KINDS: Mapping[str, str] = {
    "query": "The rows of one SELECT, loaded into the table of the export's name, or of `table`.",
    "subset": "A referentially complete slice: roots, children as included, parents always.",
    "ddl": "The definitions of the tables that the provider's other exports fill, in the same script.",
    "files": "Files of a volume, copied as they are into `files/<export>/` of the package.",
}

_WHERE = "A condition over the table's columns, without the word WHERE"
_LIMIT = "At most so many rows of the table"
_FORMATS = "Files of rows beside the script: one format, a list, or a mapping by format with the options of each"
FORMAT_OPTIONS: Mapping[str, str] = {
    "spreadsheet": "`true`: a text that a spreadsheet would run as a formula begins with an apostrophe",
    "text_numbers": "`true`: decimals and integers beyond ±2^53 are texts, for readers that know no others",
    "row_group": "The number of rows of each row group",
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "template": {
        "templateName": "Names the script and the package; letters, digits, `_`, `-`, dots",
        "description": "For people",
        "parameters": "What may be given, see below",
        "prepare": "Queries that run first, see below",
        "exports": "What is extracted, see below",
        "references": "References that the database does not declare, see below",
        "masks": "`table.column: mask`, with globs; see [Masks](masks.md)",
        "formats": f"{_FORMATS}; an export may say otherwise",
    },
    "parameter": {
        "type": "One of the types below; `text` without it",
        "description": "Shown where the parameter is missing or wrong",
        "default": "Taken where none is given",
        "required": "`false`: may be left out, and is NULL then",
        "min": "Least value; of a text, the least number of characters",
        "max": "Greatest value; of a text, the greatest number of characters",
        "pattern": "A regular expression that the whole text matches",
        "choices": "The values of a `choice`",
        "min_items": "Least number of items of a list",
        "max_items": "Greatest number of items of a list",
    },
    "preparation": {
        "setVar": "The name: `${name}` is then the list of the first column's values",
        "provider": "The database that is asked",
        "query": "One SELECT",
    },
    "export query": {
        "provider": "The database that is read",
        "query": "One SELECT",
        "table": "The table it loads into; the export's name without it",
        "formats": _FORMATS,
    },
    "export subset": {
        "provider": "The database that is read",
        "root": "The table that the slice begins with; or `roots`",
        "roots": "Several tables: a mapping by table, or a list",
        "where": f"{_WHERE}; beside `root`",
        "limit": f"{_LIMIT}; beside `root`",
        "include": "Tables whose rows come along as children: a mapping by table, a list, or `all`",
        "exclude": "Tables that are never entered",
        "depth": "At most so many steps down a self reference",
        "formats": _FORMATS,
    },
    "include": {
        "where": _WHERE,
        "limit": _LIMIT,
        "per_parent": "At most so many rows for each parent",
        "via": "Follow only these references: by column, `table.column` or name; all without it",
        "all": "`true`: every row that `where` allows, whether it belongs to the slice or not; for lookup tables",
    },
    "export ddl": {
        "provider": "The database whose definitions are taken",
        "option": "`if-not-exists` (default) or `drop-create`",
        "include_indexes": "`false` leaves indexes out; without it the parameter of this name decides",
        "tables": "More tables (globs) than the other exports fill",
    },
    "export files": {
        "volume": "The volume; `--volume NAME=PLACE`, `HFIT_VOLUME_NAME` or the settings say where it is",
        "path": "Patterns below the volume; `*`, `?`, `[…]` within a name, `**` for folders",
    },
    "policy": {
        "default": "What nobody has decided about: `deny` stops the export, `mask` masks by type, `pass` lets it pass",
        "filters": "Whether a query may filter, sort or group by masked columns: `allow` (default) or `refuse`",
        "expressions": "An expression over a masked column: `refuse` (default) or `redact`",
        "functions": "Functions that queries may call beyond those known to be harmless; you vouch for them",
        "rules": "A list, see below",
    },
    "rule": {
        "match": "One pattern of columns or a list; any of them",
        "type": "One type or a list; any of them",
        "class": "One detected class or a list; any of them",
        "mask": "The mask; a rule has either `mask` or `keep`",
        "keep": "`true`, or the reason why the column may stay as it is",
        "optional": "`true`: no error where the rule means no column",
        "may_replace": "`true`: a template may choose another mask",
    },
}

TYPES: Mapping[str, str] = {
    "integer": "`12847`",
    "decimal": "`12.50`",
    "text": "anything",
    "boolean": "`true`, `false`, `yes`, `no`, `1`, `0`",
    "date": "`2024-10-15`, `today`, `yesterday`, `tomorrow`",
    "timestamp": "`2024-10-15 14:30:00`, `2024-10-15T14:30:00+02:00`, a date",
    "date_range": "`2024-01-01..2024-03-31`, `last_6_months`, `this_month`, a date; "
    "`${name.start}`, `${name.end}`, `${name.after}`",
    "choice": "one of `choices`",
    "list[…]": '`1,2,3`, or JSON where an item holds a comma: `["a,b", "c"]`',
}

Example = tuple[Any, Sequence[str], Mapping[str, Sequence[str]]]

MASK_EXAMPLES: Mapping[str, Example] = {
    "bucket": ({"bucket": 10}, ["17", "42", "108"], {}),
    "fixed": ({"fixed": "unknown"}, ["Anna", "Bob"], {}),
    "hash": ({"hash": 12}, ["anna@corp.example", "bob@corp.example"], {}),
    "json": ({"json": {"$.contact.email": "email"}}, ['{"contact": {"email": "anna@corp.example"}, "n": 1}'], {}),
    "keep_first": ({"keep_first": 1}, ["Anna", "Bob"], {}),
    "keep_last": ({"keep_last": 4}, ["4111111111111111", "77"], {}),
    "noise": ({"noise": 0.1}, ["100.00", "2499.90"], {}),
    "null": ("null", ["Anna", ""], {}),
    "partial": ({"partial": {"first": 1, "keep": "@."}}, ["anna@corp.example"], {}),
    "permute": ("permute", ["ACC-00012847", "Kx9"], {}),
    "redact": ("redact", ["Anna", "Bob"], {}),
    "replace": ({"replace": {"pattern": "[0-9]", "with": "#"}}, ["flat 12, door 3"], {}),
    "scrub": ("scrub", ["write to anna@corp.example or call +49 30 12345678"], {}),
    "shift_dates": (
        {"shift_dates": {"days": 30, "by": "patient"}},
        ["2024-03-01", "2024-03-15"],
        {"patient": ["7", "7"]},
    ),
    "when": (
        {"when": {"column": "kind", "in": ["private"], "mask": "redact"}},
        ["Anna", "Info desk"],
        {"kind": ["private", "office"]},
    ),
}
