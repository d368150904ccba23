"""Lets one SELECT pass, made of known parts, and refuses the rest with the place of each reason.

The guard fails closed: every node of the parsed tree must be of a known kind and every function must be named in
`functions.PURE` or by the administrator. What passes is sent as text regenerated from the tree, without comments, so
that the server runs what was read here; a query whose regenerated text would read differently is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from hotfixture.errors import Problem, RefusedError, Where
from hotfixture.transforms.dialects import dialect, place, regenerate, whole
from hotfixture.transforms.functions import PURE

KNOWN = frozenset(
    """
    Add Adjacent Alias All And Anonymous Any Array ArrayContainedBy ArrayContainsAll ArrayOverlaps AtTimeZone
    Between BitString BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Boolean Bracket
    CTE Case Cast CharacterSet Collate Column Cube CurrentDate CurrentTime CurrentTimestamp DPipe DataType
    DataTypeParam Distance Distinct Div Dot EQ Escape Except Exists Extract Fetch Filter From GT GTE Glob Group
    GroupConcat GroupingSets Having HexString ILike Identifier If In IndexTableHint IntDiv Intersect Interval
    IntervalSpan Introducer Is JSONArrayContains JSONBContainsAllTopKeys JSONBContainsAnyTopKeys JSONBContainsTopKey
    JSONBExtract JSONBExtractScalar JSONExtract JSONExtractScalar JSONPath JSONPathKey JSONPathRoot
    JSONPathSubscript Join Kwarg LT LTE Lateral Like Limit LimitOptions Literal Localtime Localtimestamp
    MatchAgainst Mod Mul NEQ National Neg Not Null NullSafeEQ NullSafeNEQ Offset Or Order Ordered Overlay Paren Pow
    PseudoType RegexpILike RegexpLike Rollup Select SimilarTo Slice Star StrPosition Sub Subquery Substring Table
    TableAlias TableSample Trim Tuple Union Unnest Values Var Where Window WindowSpec With WithinGroup Xor
    """.split()  # noqa: SIM905 - a table of words reads better than sixty quoted strings
)
"""The kinds of tree nodes that read and compute; names of sqlglot's classes. Each is traced by the lineage."""

_INSTEAD = {
    "ByteString": "write the text as a plain literal",
    "Hint": "leave optimiser hints out",
    "Into": "SELECT INTO writes; the export itself is what is written",
    "Lock": "FOR UPDATE and FOR SHARE lock rows; leave them out",
    "Parameter": "session variables are refused; use ${name} for a parameter",
    "Placeholder": "use ${name} for a parameter",
    "PropertyEQ": "assignments are refused",
    "SessionParameter": "server variables are refused",
    "UnicodeString": "write the text as a plain literal",
}

_SECRET = {
    "mysql": re.compile(r"(mysql|performance_schema|sys|information_schema)\..*", re.IGNORECASE),
    "postgresql": re.compile(r"(pg_\w+|information_schema)\..*|\.pg_.*", re.IGNORECASE),
    "sqlite": re.compile(r".*\.(sqlite_.*|dbstat|pragma_.*)|temp\..*", re.IGNORECASE),
}
_SECRET["mariadb"] = _SECRET["mysql"]
"""System catalogues, `schema.table`: accounts, other sessions' queries, sampled values (pg_stats, sqlite_stat4)."""

_NAMES = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING)
_SPELLINGS = frozenset(
    {
        TokenType.BYTE_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.INTRODUCER,
        TokenType.OVER,
        TokenType.RAW_STRING,
        TokenType.WINDOW,
    }
)
"""Tokens of which something can be spelled in several ways, see `_normal`."""

_ESCAPES = re.compile(r"[eE]'(?:[^\\']|''|\\[nrt\\])*'", re.DOTALL)
"""Strings of PostgreSQL with escapes whose end the parser and every server find at the same place."""


def check(
    sql: str | exp.Expr, dialect_name: str, *, allow: Collection[str] = (), where: Where | None = None
) -> exp.Expr:
    """The parsed tree of a query that may run; RefusedError names every reason with line and column.

    `allow` names functions (lower case) that the administrator vouches for. `where` is the place of the SQL text in
    the file that it came from. A tree is one of `parse` or `bind.bind`, or was checked before. `lineage.trace` does
    all this and more; for what has no lineage (a condition) this is enough.
    """
    tree = parse(sql, dialect_name, where=where) if isinstance(sql, str) else sql
    examine(tree, dialect_name, allow=allow, where=where)
    confirm(tree.copy(), dialect_name, where=where)
    return tree


def examine(tree: exp.Expr, dialect_name: str, *, allow: Collection[str], where: Where | None) -> None:
    """RefusedError with every part of the tree that is not known to be harmless."""
    allowed = PURE[dialect_name] | {name.lower() for name in allow}
    problems = [_problem(node, reason, where) for node, reason in _reasons(tree, dialect_name, allowed)]
    if problems:
        raise RefusedError.of(dict.fromkeys(problems))


def confirm(tree: exp.Expr, dialect_name: str, *, where: Where | None) -> tuple[str, exp.Expr]:
    """The SQL text of a tree, and the tree of that text, which is the same; the tree given may be changed by this.

    RefusedError where the text would read differently: the server would run something else than what was checked.
    """
    digest = hash(tree)  # sqlglot's own equality; taken first, because the generator rewrites some trees
    text = regenerate(tree, dialect_name, copy=False)
    read = parse(text, dialect_name, where=where)
    if hash(read) != digest:
        raise RefusedError("the query reads differently when it is written out again", where=whole(where))
    return text, read


def parse(sql: str, dialect_name: str, *, where: Where | None = None) -> exp.Expr:
    """The tree of a text that holds exactly one query and no code in comments; RefusedError otherwise.

    A tree from here has still to be checked.
    """
    tokens: list[Token] = []
    try:
        tokens = dialect(dialect_name).tokenize(sql)
        _check_text(sql, tokens, dialect_name, where)
        trees = [tree for tree in dialect(dialect_name).parser().parse(tokens, sql) if tree is not None]
    except SqlglotError as error:
        hint = _reserved(error, tokens, dialect_name)
        raise RefusedError(_syntax(error), where=_syntax_place(error, where), hint=hint) from None
    except RecursionError:
        raise RefusedError("the query is nested too deeply", where=whole(where)) from None
    if len(trees) != 1:
        raise RefusedError(f"expected one query, found {len(trees)} statements", where=whole(where))
    if not isinstance(trees[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise RefusedError(f"expected a SELECT, found {type(trees[0]).__name__}", where=whole(where))
    return _normal(trees[0]) if any(map(_has_spellings, tokens)) else trees[0]


def _has_spellings(token: Token) -> bool:
    return token.token_type in _SPELLINGS or token.text.upper() in ("GROUP_CONCAT", "STRING_AGG")


def _check_text(sql: str, tokens: list[Token], dialect_name: str, where: Where | None) -> None:
    """Refuses what the tree would not show: code in comments, strings that end elsewhere for the server."""
    problems = []
    for token in tokens:
        if token.comments and dialect_name in ("mysql", "mariadb") and any(map(_is_code, token.comments)):
            problems.append(Problem("a comment that the server executes (/*! … */)", _start(token, where)))
        if token.token_type == TokenType.BYTE_STRING and not _ESCAPES.fullmatch(sql[token.start : token.end + 1]):
            said = "E'…' with an escape other than \\n \\r \\t \\\\"
            problems.append(Problem(said, _start(token, where), _INSTEAD["ByteString"]))
    if "\0" in sql:
        problems.append(Problem("a NUL character in the query", whole(where)))
    first = next((token for token in tokens if token.token_type != TokenType.L_PAREN), None)
    if first is None or first.text.upper() not in ("SELECT", "WITH"):
        found = first.text.upper() if first else "nothing"
        start = _start(first, where) if first else whole(where)
        problems.append(Problem(f"expected a SELECT, found {found}", start))
    if problems:
        raise RefusedError.of(problems)


def _is_code(comment: str) -> bool:
    return comment.startswith(("!", "M!"))


def _start(token: Token, where: Where | None) -> Where:
    return place(where, token.line, token.col - (token.end - token.start))


def _normal(tree: exp.Expr) -> exp.Expr:
    """The tree with every spelling of a text as a plain literal, which the generator spells safely; defaults said."""
    for node in list(tree.walk()):
        if isinstance(node, exp.WindowSpec):
            node.set("end", node.args.get("end") or "CURRENT ROW")
        elif isinstance(node, exp.GroupConcat):
            node.set("separator", node.args.get("separator") or exp.Literal.string(","))
        elif isinstance(node, exp.ByteString | exp.RawString | exp.Introducer):
            text = _utf8(node) if isinstance(node, exp.Introducer) else str(node.this)
            if text is not None:
                node.replace(exp.Literal.string(text))
    return tree


def _utf8(node: exp.Introducer) -> str | None:
    value = node.expression
    if str(node.this).lower() != "_utf8mb4" or not isinstance(value, exp.HexString | exp.Literal):
        return None
    if isinstance(value, exp.Literal):
        return str(value.this)
    try:
        # the tokenizer has made a decimal number of the hexadecimal digits, or left them as they are
        return bytes.fromhex(str(value.this)).decode()
    except ValueError:
        return None


def _reasons(tree: exp.Expr, dialect_name: str, allowed: Collection[str]) -> Iterator[tuple[exp.Expr, str]]:
    for node in tree.walk():
        name = type(node).__name__
        if name not in KNOWN:
            yield node, f"{_spoken(node)} is not allowed in a query"
        elif isinstance(node, exp.Anonymous):
            yield from _function(node, allowed)
        elif isinstance(node, exp.Table):
            yield from _table(node, dialect_name)
        elif isinstance(node, exp.Column) and not isinstance(node.this, exp.Identifier | exp.Star):
            yield node, "a column's name cannot stand in single quotes"
        elif isinstance(node, exp.Dot):
            if not isinstance(node.expression, exp.Identifier) and _full_name(node) not in allowed:
                yield node, "functions with a schema name are not allowed; write the plain name"
        elif isinstance(node, exp.In) and node.args.get("field"):
            yield node, "IN needs a list in parentheses or a subquery"
        elif isinstance(node, exp.Star) and any(node.args.values()):
            yield node, "* with EXCEPT or REPLACE is not allowed"
        elif isinstance(node, exp.SetOperation) and any(node.args.get(key) for key in ("by_name", "match_by", "on")):
            yield node, "set operations by name are not allowed"


def _full_name(node: exp.Expr | None) -> str:
    """`schema.function` in lower case, of a call behind its schema's plain name; empty for anything else."""
    if not isinstance(node, exp.Dot) or not isinstance(node.expression, exp.Anonymous):
        return ""
    schema, name = node.this, node.expression.this
    plain = isinstance(schema, exp.Identifier) and not schema.args.get("quoted") and isinstance(name, str)
    return f"{schema.name}.{name}".lower() if plain else ""


def _function(node: exp.Anonymous, allowed: Collection[str]) -> Iterator[tuple[exp.Expr, str]]:
    name = node.this
    if not isinstance(name, str):
        yield node, "functions with a quoted name are not allowed; write the plain name"
    elif (_full_name(node.parent) or name.lower()) not in allowed:
        yield node, f"function {name.lower()} is not known to be free of side effects"


def _table(node: exp.Table, dialect_name: str) -> Iterator[tuple[exp.Expr, str]]:
    if not isinstance(node.this, exp.Identifier | exp.Anonymous):
        yield node, "only a table, a subquery or a known function can stand in FROM"
    elif isinstance(node.this, exp.Identifier) and _SECRET[dialect_name].fullmatch(f"{node.db}.{node.name}"):
        yield node, f"system catalogue {node.name} is not open to queries"
    elif dialect_name in ("mysql", "mariadb") and node.name.lower() == "dual" and not node.this.args.get("quoted"):
        yield node, "FROM dual is not needed; leave it out"
    elif isinstance(node.this, exp.Anonymous) and node.db:
        yield node, "functions with a schema name are not allowed; write the plain name"
    for key in ("version", "when", "pivots", "changes", "rows_from", "partition", "laterals"):
        if node.args.get(key):
            yield node, f"{key.replace('_', ' ').upper()} after a table is not allowed"


def _spoken(node: exp.Expr) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()


def _problem(node: exp.Expr, reason: str, where: Where | None) -> Problem:
    hint = _INSTEAD.get(type(node).__name__, "")
    if isinstance(node, exp.Anonymous):
        hint = "The administrator can allow a function by its name: `functions:` in the policy."
    return Problem(reason, located(node, where), hint)


def located(node: exp.Expr, where: Where | None) -> Where:
    """The place of a node: its own, else that of its first part with one, else that of the nearest node around it."""
    parts = (part for start in (node, *_around(node)) for part in start.walk())
    found = next((part.meta for part in parts if "line" in part.meta), None)
    if not found:
        return whole(where)
    length = found.get("end", 0) - found.get("start", 0)
    return place(where, found["line"], max(found["col"] - length, 1))


def _around(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node


def _syntax(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    said = details[0].get("description", "") if details else ""
    said = re.sub(" (for <class|but got <Token).*", "", said)  # the parser's own insides tell a user nothing
    return f"the query cannot be read: {said.rstrip('.') or 'unbalanced quotes or brackets'}"


def _reserved(error: SqlglotError, tokens: Sequence[Token], dialect_name: str) -> str:
    """What to do about a reserved word near the error that stands where a name stands: after AS, beside a dot."""
    details = (getattr(error, "errors", None) or [{}])[0]
    places = [(token.line, token.col) for token in tokens]
    found = (details.get("line"), details.get("col"))
    at = places.index(found) if found in places else len(places)
    for number in range(min(at + 1, len(tokens) - 2), max(at - 5, 0), -1):
        before, token, after = tokens[number - 1 : number + 2]
        named = before.token_type in (TokenType.ALIAS, TokenType.DOT) or after.token_type == TokenType.DOT
        if named and token.token_type not in _NAMES and token.text.isidentifier():
            quoted = regenerate(exp.to_identifier(token.text, quoted=True), dialect_name)
            return f"{token.text.upper()} is a reserved word: as a name it needs quotes, {quoted}."
    return ""


def _syntax_place(error: SqlglotError, where: Where | None) -> Where:
    details = getattr(error, "errors", None)
    if not details or not details[0].get("line"):
        return whole(where)
    return place(where, details[0]["line"], max(details[0]["col"] - len(details[0].get("highlight") or "x") + 1, 1))
