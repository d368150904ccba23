"""An auth service for tests: users and signed tokens that live as long as the provider does, and no longer.

A program with an identity provider of its own registers it as the service `auth`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from hotfixture.errors import RefusedError


class AuthService:
    """Issues tokens for made-up users, and tells whose a token is."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._users: dict[str, dict[str, Any]] = {}

    def create_user(self, email: str = "", **claims: Any) -> dict[str, Any]:
        """A new user: `uid`, `email` and what else was given."""
        uid = f"test_{len(self._users) + 1}"
        user = {"uid": uid, "email": email or f"{uid}@example.com", **claims}
        self._users[uid] = user
        return dict(user)

    def get_user(self, uid: str) -> dict[str, Any] | None:
        """The user of that id; None where there is none."""
        user = self._users.get(uid)
        return dict(user) if user is not None else None

    def delete_user(self, uid: str) -> None:
        """Tokens of this user are worth nothing from here on."""
        self._users.pop(uid, None)

    def create_token(self, uid: str) -> str:
        """A token of a user; RefusedError where there is no such user."""
        if uid not in self._users:
            raise RefusedError(f"no user {uid!r}", hint="create_user() makes one.")
        body = base64.urlsafe_b64encode(json.dumps({"uid": uid}).encode()).decode()
        return f"{body}.{self._signature(body)}"

    def verify_token(self, token: str) -> dict[str, Any]:
        """The user whose token it is; RefusedError for any other token."""
        body, _, signature = token.partition(".")
        if hmac.compare_digest(signature, self._signature(body)):
            user = self._users.get(json.loads(base64.urlsafe_b64decode(body))["uid"])
            if user is not None:
                return dict(user)
        raise RefusedError("the token is not one of this service, or its user is gone")

    def _signature(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()
