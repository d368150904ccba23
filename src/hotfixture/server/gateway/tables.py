"""Every table of the daemon's store. Times are seconds since 1970; lists and mappings are JSON texts."""

from __future__ import annotations

import sqlalchemy as sa

VERSION = 1
META = sa.MetaData()


def _table(name: str, *columns: sa.Column[object] | sa.UniqueConstraint | sa.Index) -> sa.Table:
    return sa.Table(f"hfitd_{name}", META, *columns)


def _text(name: str, *, length: int = 200, **more: object) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False, **more)  # type: ignore[arg-type]  # options of Column


def _time(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Double, nullable=optional)


def _whole(name: str, *, key: bool = False, default: str | None = None) -> sa.Column[object]:
    kind = sa.BigInteger if name in {"seq", "size"} else sa.Integer
    return sa.Column(name, kind, primary_key=key, autoincrement=False, nullable=False, server_default=default)


def _long(name: str, default: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=default is None, server_default=default)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


FACTS = _table("facts", _text("name", length=64, primary_key=True), _long("value", ""))
"""Single facts: the version of these tables, the digest of the policy last seen, cursors."""

USERS = _table("users", _text("name", primary_key=True), _long("roles", "[]"), _flag("disabled"), _time("created"))
MEMBERS = _table("members", _text("team", primary_key=True), _text("account", primary_key=True))
"""Users and service tokens in teams."""
TEAMS = _table("teams", _text("name", primary_key=True), _time("created"))

KEYS = _table(
    "keys",
    _text("fingerprint", length=100, primary_key=True),
    _text("account", index=True),
    _long("public"),
    _text("comment"),
    _time("added"),
    _time("last_used", optional=True),
)
CHALLENGES = _table(
    "challenges",
    _text("digest", length=64, primary_key=True),
    _text("account"),
    _text("host"),
    _text("purpose"),
    _text("address", index=True),
    _time("expires"),
)
SESSIONS = _table(
    "sessions",
    _text("id", length=64, primary_key=True),
    _text("account", index=True),
    _text("fingerprint"),
    _time("begun"),
    _time("expires"),
    _time("revoked", optional=True),
)
"""`begun` is when the chain of renewals began."""
SIGNING_KEYS = _table(
    "signing_keys",
    _text("id", length=64, primary_key=True),
    _long("sealed"),
    _long("public"),
    _time("active_from"),
    _time("retired", optional=True),
    _time("created"),
)
TOKENS = _table(
    "tokens",
    _text("id", length=64, primary_key=True),
    _text("name", unique=True),
    _text("digest", length=64, unique=True),
    _long("roles", "[]"),
    _long("templates", "[]"),
    _long("addresses", "[]"),
    _text("made_by"),
    _time("created"),
    _time("expires"),
    _time("last_used", optional=True),
    _time("revoked", optional=True),
)
THROTTLES = _table(
    "throttles",
    _text("key", primary_key=True),
    _whole("failures"),
    _time("until"),
    _time("updated"),
)

TEMPLATES = _table(
    "templates",
    _text("name", primary_key=True),
    _text("team", index=True),
    _text("owner"),
    _long("shared", "[]"),
    _whole("revision"),
    _flag("deleted"),
    _time("created"),
    _time("updated"),
)
"""`revision` is the newest; `shared` names teams, `*` is everybody."""
REVISIONS = _table(
    "revisions",
    _text("template", primary_key=True),
    _whole("number", key=True),
    _text("digest", length=64, index=True),
    _long("text"),
    _text("author"),
    _time("created"),
    _text("message", length=500),
)
APPROVALS = _table(
    "approvals",
    _text("id", length=64, primary_key=True),
    _text("template", index=True),
    _whole("revision"),
    _text("digest", length=64),
    _text("policy", length=64),
    _long("sources", "{}"),
    _text("approver"),
    _time("created"),
    _time("expires"),
    _time("revoked", optional=True),
    _text("revoked_by"),
    _text("reason", length=500),
    _long("drift", "[]"),
)
"""What was approved: the digest of the text, of the policy, and each source's schema as far as it is read.

`drift` is how what is read differed from that when it was last looked at, in sentences.
"""

PACKAGES = _table(
    "packages",
    _text("id", length=64, primary_key=True),
    _text("state", length=16, index=True),
    _text("owner", index=True),
    sa.Column("idempotency", sa.String(200)),
    _text("digest", length=64),
    _text("template"),
    _whole("revision"),
    _text("reuse", length=64, index=True),
    _long("wanted", "{}"),
    _long("providers", "[]"),
    _long("progress", "{}"),
    _time("created"),
    _time("begun", optional=True),
    _time("started", optional=True),
    _time("updated", optional=True),
    _time("ended", optional=True),
    _time("expires", optional=True),
    _whole("attempt", default="0"),
    sa.Column("lease", sa.String(64)),
    _time("lease_until", optional=True),
    sa.Column("daemon", sa.String(100)),
    _flag("cancel"),
    _long("problems", "[]"),
    sa.Column("file", sa.String(200)),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    _long("manifest", "{}"),
    sa.UniqueConstraint("owner", "idempotency"),
)
"""`reuse` is the digest of what makes two packages the same: revision, parameters, policy, key, form."""

SLOTS = _table(
    "slots",
    _text("provider", primary_key=True),
    _whole("number", key=True),
    _text("holder", length=100),
    _time("until"),
)
"""Connections to providers that are in use, each leased."""

AUDIT = _table(
    "audit",
    _whole("seq", key=True),
    _time("at"),
    _text("kind", length=64),
    _text("actor"),
    _text("actor_kind", length=16),
    _text("address"),
    _text("request"),
    _text("subject", length=500),
    _long("facts", "{}"),
    _text("previous", length=64),
    _text("hash", length=64),
)
HEADS = _table(
    "audit_heads",
    _whole("seq", key=True),
    _text("hash", length=64),
    _time("at"),
    _text("key", length=64),
    _text("signature", length=200),
)
"""Heads of the audit chain, each signed with the key of the audit."""
