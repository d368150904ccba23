"""A request for a package: may it be made, is it there already, has its owner room; then it waits in the store."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from starlette.responses import Response

from hotfixture.errors import InputError, Problem, RefusedError
from hotfixture.plans.parameters import resolve
from hotfixture.plans.template import Template
from hotfixture.server import outputs
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import JSON, Ask
from hotfixture.server.gateway.packages.package import Package, told
from hotfixture.server.gateway.packages.parts import Parts, parts_of
from hotfixture.server.gateway.templates import approvals, planning, policies, revisions
from hotfixture.server.gateway.templates.approvals import Chosen
from hotfixture.server.problems import NO_STORE, HTTPError
from hotfixture.server.visit import root_of
from hotfixture.wire.packages import PackageAsked

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_AUDITED = (403, 404, 409, 429, 507)
_LONGEST = 64 << 10
"""Bytes of all parameters."""
_LEFT = 60.0
"""Seconds that a package must have left to be worth answering with."""


class _Wanted(NamedTuple):
    """A request, understood."""

    body: PackageAsked
    chosen: Chosen
    template: Template
    package: Package


def request(ask: Ask) -> Response:
    """202 and the package; 200 where one that exists is the answer."""
    with _audited(ask):
        key = _idempotency(ask)
        wanted = _understood(ask, key)
        found, new = _placed(ask, wanted)
    parts = parts_of(ask.gateway)
    parts.crew.wake()
    parts.counters.requested.labels("known" if not new else "reused" if found.state == "ready" else "queued").inc()
    root = root_of(ask.request.scope)
    shown = told(found, root=root)
    headers = {**NO_STORE, "location": f"{root}/api/packages/{found.id}"}
    headers |= {} if new else {"idempotency-replayed": "true"}
    return Response(msgspec.json.encode(shown), 200 if found.state == "ready" else 202, headers, JSON)


@contextmanager
def _audited(ask: Ask) -> Iterator[None]:
    """Refusals stand in the audit, too."""
    try:
        yield
    except (HTTPError, RefusedError) as error:
        status = error.status if isinstance(error, HTTPError) else 403
        if status in _AUDITED:
            reasons = [problem.message[:300] for problem in list(error.problems)[:5]]
            facts = {"revision": ask.body.revision, "status": status, "reasons": reasons}
            audit.note(ask.gateway.state, ask.actor, "package.refused", ask.body.template, **facts)
            if isinstance(error, HTTPError):
                error.is_audited = True
        raise


def _idempotency(ask: Ask) -> str:
    key = str(ask.request.headers.get("idempotency-key", ""))
    if key and not _KEY.fullmatch(key):
        raise HTTPError(400, "Idempotency-Key: expected 1 … 200 visible ASCII characters")
    return key


def _understood(ask: Ask, key: str) -> _Wanted:
    body: PackageAsked = ask.body
    gateway = ask.gateway
    if len(json.dumps(body.parameters)) > _LONGEST:
        raise HTTPError(413, f"parameters: at most {_LONGEST >> 10} KiB are taken")
    chosen = approvals.check(gateway, ask.actor, body.template, body.revision)
    template = revisions.understood(chosen.revision.text)
    if template is None:
        raise HTTPError(422, f"revision {chosen.revision.number} of {body.template} is no longer understood")
    planning.providers(gateway, ask.actor, chosen.template, template)
    _check_volumes(ask, chosen)
    today = datetime.fromtimestamp(gateway.state.now(), UTC).date()
    try:
        values = resolve(template, body.parameters, today)
    except InputError as error:
        raise HTTPError(422, error.problems) from None
    wanted = {
        "parameters": body.parameters, "form": body.form, "inserts": body.inserts, "today": today.isoformat(),
        "digest": chosen.revision.digest, "address": ask.actor.address, "keep": template.retention,
    }  # fmt: skip
    package = Package(
        token_hex(16), ask.actor.name, body.template, chosen.revision.number, chosen.revision.digest,
        _digest(msgspec.to_builtins(body)), _reuse(gateway, chosen, body, values), wanted,
        sorted(template.providers()), key,
    )  # fmt: skip
    return _Wanted(body, chosen, template, package)


def _check_volumes(ask: Ask, chosen: Chosen) -> None:
    """RefusedError with every volume that is not granted, or not there."""
    template = revisions.understood(chosen.revision.text)
    known = planning.volumes(ask.gateway, ask.actor, chosen.template)
    wanted = revisions.volumes_of(template) if template else []
    team = chosen.template.team
    problems = [Problem(f"no volume {name!r} is granted to team {team}") for name in wanted if name not in known]
    if problems:
        raise RefusedError.of(problems)


def _reuse(gateway: Gateway, chosen: Chosen, body: PackageAsked, values: dict[str, object]) -> str:
    """The digest of what makes two packages the same."""
    rules, key = policies.current(gateway).digest, planning.masking_key(gateway).identifier
    made_of = {name: repr(value) for name, value in values.items()}
    return _digest([chosen.revision.digest, made_of, rules, key, body.form, body.inserts])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=repr).encode()).hexdigest()


def _placed(ask: Ask, wanted: _Wanted) -> tuple[Package, bool]:
    """The package in the store, and whether it is new."""
    parts, package = parts_of(ask.gateway), wanted.package
    with parts.shelf.in_turn() as connection:  # two requests at once would both take the last place
        same = parts.shelf.same(connection, package.owner, package.idempotency)
        if same is not None:
            if same.asked != package.asked:
                raise HTTPError(422, "this Idempotency-Key stands for another request")
            return same, False
        ready = _reused(ask, connection, wanted, parts)
        if ready is not None:
            return ready, True
        _check_room(ask, connection, parts)
        parts.shelf.add(connection, package)
        facts = _facts(package) | {"approver": wanted.chosen.approval.approver}
        audit.record(ask.gateway.state, connection, ask.actor, "package.requested", package.id, **facts)
        return replace(package, created=ask.gateway.state.now()), True


def _facts(package: Package) -> dict[str, Any]:
    """What the audit says of a request: all but rows."""
    return {
        "template": package.template, "revision": package.revision, "digest": package.digest,
        "parameters": package.wanted["parameters"], "form": package.wanted["form"], "providers": package.providers,
    }  # fmt: skip


def _check_room(ask: Ask, connection: sa.Connection, parts: Parts) -> None:
    settings, name = ask.gateway.settings, ask.actor.name
    if parts.shelf.waiting(connection, name) >= settings.packages_waiting:
        raise HTTPError(429, f"{settings.packages_waiting} packages of yours wait already", {"retry-after": "10"})
    if parts.shelf.held(connection, name) >= settings.package_quota:
        raise HTTPError(507, "your packages fill your quota: remove those that are no longer needed")
    if parts.crew.disk >= settings.disk:
        raise HTTPError(507, "the disk quota of this daemon is used up", {"retry-after": "600"})


def _reused(ask: Ask, connection: sa.Connection, wanted: _Wanted, parts: Parts) -> Package | None:
    """A package that is the same and fresh enough, as one of the asker's own; None where there is none.

    Its file has a second name then; it expires when the first does.
    """
    if not wanted.template.cache or wanted.body.fresh:
        return None
    now = ask.gateway.state.now()
    for found in parts.shelf.alike(
        connection, wanted.package.reuse, since=now - wanted.template.cache, until=now + _LEFT
    ):
        linked = _linked(parts.crew.folder, found, wanted.package.id)
        if linked is None:
            continue
        package = replace(wanted.package, state="ready", wanted={**wanted.package.wanted, "reused": found.id})
        try:
            parts.shelf.add_ready(connection, package, found, file=linked)
            facts = _facts(package) | {"reused": found.id, "sha256": found.sha256}
            audit.record(ask.gateway.state, connection, ask.actor, "package.reused", package.id, **facts)
        except BaseException:
            outputs.remove(parts.crew.folder / package.id)
            raise
        return parts.shelf.within(connection, package.id)
    return None


def _linked(folder: Path, found: Package, package_id: str) -> str | None:
    """Give the file a second name; None where it is gone, or the system knows no such names."""
    assert found.file
    name = f"{token_hex(16)}.{found.file.partition('.')[2]}"
    own = folder / package_id
    try:
        own.mkdir(parents=True, mode=0o700)
        os.link(folder / found.id / found.file, own / name)
    except OSError:
        with suppress(OSError):
            own.rmdir()
        return None
    return name
