"""Who is asking: logins, sessions, users with their keys, and service tokens."""

from __future__ import annotations

from hotfixture.server.gateway.identity import admin_routes, auth_routes
from hotfixture.server.gateway.identity.auth_routes import authenticate
from hotfixture.server.gateway.identity.keeper import lifespan

OPERATIONS = (*auth_routes.OPERATIONS, *admin_routes.OPERATIONS)

__all__ = ["OPERATIONS", "authenticate", "lifespan"]
