"""What the program cannot say of itself: introductions, the meaning of each key, an example of each mask.

`generate.py` puts these beside what it reads from the program; a key or mask without its text here is an error there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import capture_meanings

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

PYTHON = """What `hfit` does is a call, and so are generating and seeding. Each is imported on first use:
`import hotfixture` alone loads neither numpy nor pyarrow nor a database driver. The guide is
[In pytest and CI](../guides/in-pytest-and-ci.md)."""

CLIENT = """`Client` waits, `AsyncClient` is awaited; both offer the calls below, and speak to a daemon as
[use a daemon](../guides/use-a-daemon.md) tells. What a call gives stands in `hotfixture.wire`; the daemon's
[API](api.md) shows its fields."""

CAPTURE_PYTHON = """Recording, comparing and playing back have a [page of their own](capture.md#python)."""

SERVER = """What `mockcraft server` runs with. A setting is a flag, a variable of the environment and a key of the
YAML file that `--config` or `MOCKCRAFT_CONFIG` names; a flag wins over the variable, the variable over the file.
Settings without a flag may hold passwords, and other users of a machine can read flags. How the server is run and what
it answers: [run the server](../guides/run-the-server.md)."""

HFITD = """What `hfitd` runs with, and who may do what through it. A setting is a key of `hfitd.yaml`, a flag of
`hfitd serve` and a variable of the environment; a flag wins over the variable, the variable over the file. Settings
without a flag may hold passwords, and other users of a machine can read flags. How a daemon is set up:
[run the daemon](../guides/run-the-daemon.md); its HTTP routes: [the API](api.md)."""

PROVIDERS = """`providers:` holds production databases by the name under which templates know them. A URL holds no
password: `password`, or the whole URL, is a reference: `env:NAME`, `file:/run/secrets/name` or
`keyring:service/account` (extra `keyring`). What it refers to is read when a connection is made."""

VOLUMES = """`volumes:` holds folders and buckets by the name under which templates know them: a mapping, or the
place alone, which nobody may read before teams are named. [Files and volumes](../guides/files-and-volumes.md) says
what is read from them."""

ROLES = """What each role may do at all; somebody may have several. Teams decide to whose things. A service token has
the roles developer or author, and what only a person may do it may not, whatever its roles."""

OWNERSHIP = """What somebody of one team is answered, by role and by whose the template is: 404 is the answer for what
is not there, 403 for what one may see and not do. Approvers and administrators see every template. Who wrote a revision
cannot approve it, whoever owns the template. A service token sees the templates that its globs name; without teams it
sees all of those."""

ELSE = """- A package belongs to who asked for it; administrators see and remove all.
- A provider or volume can be looked at by the teams that it names (`*` is everybody). In a package both the
  template's team and who asks must be among them; approvers look at plans and samples with the grant of the template's
  team.
- Rows of a provider are shown, masked, where it says `previews: true`.
- At the daemon's own machine `hfitd` acts as administrator: who can read its keys need not log in. What it does is
  audited under `local:` and the name of the system's user."""

ACTIONS: Mapping[str, str] = {
    "audit.read": "read, export and verify the audit",
    "generate": "get invented values",
    "metrics.read": "read `/metrics`",
    "package.cancel": "cancel or remove a package",
    "package.read": "see and download a package",
    "package.request": "ask for a package of a template",
    "provider.preview": "look at masked rows",
    "provider.read": "see providers, their databases and tables",
    "provider.test": "try a provider",
    "seed.request": "ask for runs of seed schemas",
    "session.own": "log in and out, see who one is",
    "team.manage": "make teams and say who is in them",
    "template.approve": "approve a revision, take an approval back",
    "template.change": "give a template a new revision",
    "template.create": "create a template",
    "template.delete": "take a template out of use",
    "template.inspect": "see plans as an approver does, and masked samples",
    "template.read": "see a template, its revisions and its plan",
    "template.share": "share a template, give it to another team",
    "token.manage": "make and revoke service tokens",
    "user.manage": "let users in, change and remove them",
    "volume.read": "list and download files of volumes",
}

API = """What a daemon answers, made from the same description as its routes and its
[OpenAPI document](openapi.json), which it also gives under `/openapi.json`. Every path under `/api` is answered under
`/api/v1` too. `hotfixture.client` calls all of it from Python, `hfit` from the command line.

- A request says `Authorization: Bearer …` with the token of a session, or a service token.
- Bodies and answers are JSON in UTF-8, times ISO 8601 in UTC. A name that means nothing is refused.
- What is wrong is said as `application/problem+json` (RFC 9457), all of it at once: 400 not understood, 401 log in, 403
  not allowed, 404 not there or not to be seen, 409 and 412 somebody was quicker, 413 too large, 422 understood and
  wrong, 429 too often, 503 later. `Retry-After` says when.
- Every answer has an `X-Request-ID`, which log lines and audit events name too.
- A page is `{"items": […], "next": …}`; `next` is what `after=` takes for more, null at the end."""

API_OF_MOCKCRAFT = """These are `mockcraft server`'s, in the same application:
[run the server](../guides/run-the-server.md). A job is its asker's alone, whatever the roles of others. The audit has
`job.requested`, `job.cancelled` or `job.cancel`, `job.download` and `job.downloaded` with its id as their subject
([what is audited](../concepts/jobs.md#what-is-audited)); while they cannot be written, `POST /api/seed`,
`DELETE /api/jobs/{id}` and `GET /api/download/{id}` answer 503, and nothing is done. The others leave no event: no
value of a row is in their answers."""

API_TYPES = """In an answer a newer daemon may say more than stands here; a client passes over what it does not know."""

SEED_SCHEMA = """What `mockcraft seed` reads. Tables, columns and generators are mappings by name, or lists of mappings
with `name`. All problems of a file are reported at once, with line and column. A [JSON Schema](seed-schema.json) of the
format serves editors; `mockcraft schema` prints it. The guide is
[Write a seed schema](../guides/write-a-seed-schema.md)."""

SIZES = """`count` is a number (`1000`), a number for each row of another table (`10 per users`, `1..5 per orders`),
or a mapping:"""

SEED_KINDS = """A column's mapping has one of these keys, which says how its values come to be; other keys belong to it.
A column without any goes by `generator`, that is by its name and type. A text in the place of a mapping is the type."""

SEED_REFERENCES = """At a column: `references: users`, `references: users.id`, or a mapping; at a table: a list under
`references`, each with `columns` (`to: "users(tenant_id, id)"`). The keys may also stand beside `references` in the
column itself."""

SEED_TYPES = """Any spelling of an engine: with length or digits (`varchar(80)`, `numeric(10,2)`), small or capital
letters, `_` for a blank; `[]` behind it makes an array."""

IMPLIED = """A column that says no more than its name and type is made by the generator of its own name, if it is one of
these and its values go into the type: {names}. What else says no more goes by its type."""

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
        "cache": "For so long (`30m`, `1h`, `2d`) a daemon answers the same request with the package it has",
        "retention": "For so long, at most, a daemon keeps a package that is ready",
    },
    "provider": {
        "url": "`postgresql://`, `mysql://` or `sqlite://` without a password, or a reference to a whole URL",
        "password": "A reference to the password",
        "teams": "Teams that may read it; `*` is everybody. Without any, nobody",
        "connections": "Most connections that all daemons together hold",
        "exports": "Most packages that read it at once; others wait",
        "statement_timeout": "Longest run of one statement",
        "wait": "How long a request waits for a free connection before it is answered 503",
        "max_lag": "A replica that is further behind is not read",
        "previews": "`true`: masked rows of tables may be looked at",
    },
    "volume": {
        "place": "A folder, or `s3://`, `gs://`, `az://` with bucket and prefix",
        "teams": "Teams that may read it; `*` is everybody. Without any, nobody",
        "options": "What the object store is told: endpoint, region, credentials by reference",
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
        "filter": "Words that choose among them: `mtime:7`, `size:<10MiB`, `sort:mtime:desc`, `limit:1`",
    },
    "policy": {
        "default": "What nobody has decided about: `deny` stops the export, `mask` masks by type, `pass` lets it pass",
        "filters": "Whether a query may filter, sort or group by masked columns: `allow` (default) or `refuse`",
        "expressions": "An expression over a masked column: `refuse` (default) or `redact`",
        "functions": "Functions that queries may call beyond those known to be harmless; you vouch for them",
        "rules": "A list, see below",
        "files": "Rules for files of volumes, see below",
    },
    "file rule": {
        "match": "One pattern `volume:path` or a list; `*`, `?`, `[…]` within a name, `**` for folders",
        "columns": "Columns of CSV by patterns of their names, each with a mask or `keep`",
        "paths": "Paths into JSON (`$..email`), each with a mask or `keep`; the first that means a value counts",
        "text": "The mask of each line of a text: `scrub`",
        "binary": "`refuse` (default), `pass`, or the kinds of binary files that pass",
        "keep": "`true`, or the reason why the files may pass as they are; alone",
        "encoding": "Of the text; `utf-8` without it",
        "delimiter": "Between the fields of CSV, where the header does not tell",
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
    "seed schema": {
        "name": "For people",
        "description": "For people",
        "version": "For people",
        "seed": "The number that decides all values; 0 without it. `--seed` stands in for it",
        "locale": "Language and country whose customs the values follow, where a column says no other",
        "tables": "Tables, see below",
        "collections": "The same, for documents",
        "relations": "References from outside the tables, see below",
        "constraints": "A list of constraints, each with its `table`; see below",
        "generators": "Generators of the schema's own, see below",
    },
    "seed table": {
        "count": "How many rows, see below; 100 without it",
        "columns": "Columns, see below",
        "primary_key": "One column or a list",
        "unique": "Combinations that never repeat: `[a, b]` for one, `[[a, b], [c]]` for several",
        "checks": "Conditions that the table gets as CHECK constraints; columns that say only their type keep them",
        "constraints": "A list of constraints, see below",
        "references": "References of several columns, see below",
        "seed_key": "What the values hang on; the table's name without it",
        "schema": "The schema of the database that it stands in",
        "existing": "`true`: it is filled already; its rows are read, and nothing is written to it",
        "redis": "How rows lie in [Redis](../databases/redis.md)",
        "mongodb": "How rows lie in [MongoDB](../databases/mongodb.md)",
        "description": "For people",
    },
    "seed constraint": {
        "name": "What the database calls it",
        "type": "For people",
        "unique": "Columns that never repeat; also a mapping with `columns`, `where`, `nulls_distinct`",
        "check": "A condition",
        "columns": "The columns of a unique",
        "expression": "The condition of a check",
        "where": "Beside `unique`: a condition; only the rows that keep it are told apart",
        "nulls_distinct": "Beside `unique`: `false` takes null for equal to null",
    },
    "seed size": {
        "per": "The table whose rows are the parents; a reference leads there",
        "low": "Least number of children",
        "high": "Greatest number of children",
        "exactly": "The same number for each",
        "distribution": "`uniform` (default) or `zipf`: most have few",
        "exponent": "Of `zipf`: how steeply; 1 without it",
        "mean": "Children of a parent on average; the middle of the range without it",
        "total": "Exactly so many rows in all",
    },
    "seed column": {
        "type": "A type, see below; without it the kind decides",
        "primary_key": "`true`: the key of the table",
        "unique": "`true`: no value twice",
        "nulls": "The share of rows without a value, 0 … 1; many YAML tools read the word `null` as nothing",
        "null_group": "Columns of one group have no value in the same rows",
        "nullable": "Whether the column of the table may be null; without it where some values are",
        "seed_key": "What the values hang on; the column's name without it",
        "group": "Columns of one group describe one person or one place",
        "hidden": "`true`: made for others to compute with, written nowhere",
        "description": "For people",
    },
    "seed generator": {
        "generator": "A name of [the catalogue](generators.md) or of the schema's own generators",
        "params": "Its options",
        "locale": "Its locale, where it has one",
    },
    "own generator": {
        "values": "One of a list, or of a mapping of values to weights",
        "weights": "One number a value, beside a list",
        "pattern": "A regular expression that the values match",
        "compose": "A text with generators in braces: `{first_name}.{ticket}`",
        "file": "A file in the schema's folder, one value a line",
        "generator": "Another generator, with `params`",
        "params": "Its options",
        "locale": "Its locale",
        "description": "For people",
    },
    "seed values": {
        "values": "One of a list, or of a mapping of values to weights",
        "weights": "One number a value, beside a list",
    },
    "seed value": {"value": "The same value in every row"},
    "seed references": {
        "references": "Where it leads, see [References](#references)",
        "distribution": "`uniform` (default) or `zipf`: few rows have most",
        "exponent": "Of `zipf`: how steeply; 1 without it",
        "roots": "Of a table that refers to itself: the share of rows that refer to none",
        "branching": "Of a table that refers to itself: so many children for each row, level by level",
        "one_to_one": "`true`: every row is referred to at most once",
    },
    "seed line_no": {"line_no": "`true`: the number of the row among the children of its parent, from 1"},
    "seed expression": {"expression": "SQL, as DuckDB reads it, over the row, its parents and its children"},
    "seed after": {
        "after": "A time of the row or of a parent (`users.created_at`), which this one comes after",
        "before": "A time which this one comes before, where it has a value",
        "within": "A span (`30d`, `12h`, `15m`, `10s`) in which it comes; 30 days without it",
        "at_least": "The span that passes first, where `before` leaves room for it; none without it",
    },
    "seed every": {
        "every": "The span from row to row, or from child to child of each parent",
        "start": "The first time; 2024-01-01 without it",
    },
    "seed states": {"states": "A walk from state to state, see below"},
    "states": {
        "start": "A state, a list, or a mapping of states to weights; the first of `transitions` without it",
        "transitions": "For each state what may follow: a state, a list, or a mapping to weights",
        "steps": "Steps of a walk in one row: `3` or `0..6`; `0..5` without it. Under a parent each line is one step",
    },
    "seed series": {"series": "A number that follows the calendar, see below"},
    "series": {
        "at": "The column that holds the time",
        "base": "The level",
        "trend": "What is added a day, counted from 1970",
        "noise": "Standard deviation of a normal deviation",
        "low": "Least value",
        "high": "Greatest value",
        "peak": "A mapping: at which part of its period, 0 … 1, each wave is highest",
        "hourly": "Height of the wave of an hour",
        "daily": "Height of the wave of a day",
        "weekly": "Height of the wave of a week, which begins on Monday",
        "yearly": "Height of the wave of a year",
    },
    "seed balance": {"balance": "The running sum of another column along the children of one parent, see below"},
    "balance": {
        "of": "The column that is summed up; where it has no value, nothing is added",
        "per": "The column that refers to the parent; it need not be said",
        "start": "What the sum begins with: a number, or a column of the parent (`accounts.opening`); 0 without it",
    },
    "seed fields": {"fields": "Columns inside the column"},
    "seed items": {
        "items": "What each element is, written as a column",
        "size": "How many: `3` or `0..4`; `1..3` without it",
    },
    "seed cases": {"cases": "A list of columns, each with a condition `when`; the last may have none"},
    "seed references_any": {
        "references_any": "By the word of the type column: a table, or `{to: posts.id, weight: 3}`",
    },
    "seed type_of": {"type_of": "The column with `references_any` whose table this one names"},
    "seed reference": {
        "table": "The table, beside `column`",
        "column": "Its column, beside `table`; the primary key without it",
        "columns": "The columns of this table, for a reference at the table",
        "to": "Table and columns: `users`, `users.id`, `users(tenant_id, id)`",
        "name": "What expressions call it; its columns without it",
        "distribution": "`uniform` (default) or `zipf`: few rows have most",
        "exponent": "Of `zipf`: how steeply; 1 without it",
        "nulls": "The share of rows that refer to none",
        "roots": "Of a table that refers to itself: the share of rows that refer to none",
        "branching": "Of a table that refers to itself: so many children for each row, level by level",
        "one_to_one": "`true`: every row is referred to at most once",
    },
    "relation": {
        "from": "The columns that refer: `orders.user_id`",
        "to": "Where they lead: `users.id`",
        "type": "`many_to_one` (default), `one_to_one`, or `one_to_many`, which turns `from` and `to` round",
        "name": "What expressions call it",
        "distribution": "`uniform` (default) or `zipf`: few rows have most",
        "exponent": "Of `zipf`: how steeply; 1 without it",
        "nulls": "The share of rows that refer to none",
        "roots": "Of a table that refers to itself: the share of rows that refer to none",
        "branching": "Of a table that refers to itself: so many children for each row, level by level",
        "one_to_one": "`true`: every row is referred to at most once",
    },
    **capture_meanings.MEANINGS,
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
