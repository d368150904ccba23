"""What the name of a key says about its value: a secret, something of a person, or neither.

Names are compared by their words (`detect.words`): `monkey` holds no `key`, `prompt_token_count` counts tokens,
`X-Custom-Token` holds one. What names of database columns mean is known to `transforms.detect`; here stands what the
names of headers, parameters and fields of APIs mean beyond that.
"""

from __future__ import annotations

from functools import lru_cache

from hotfixture.transforms.detect import by_name, words
from hotfixture.transforms.vocabulary import BARE_NAMES, PEOPLE

SECRET = "secret"  # noqa: S105 - the name of a class
NUMBERED = frozenset({"card_code", "national_id", "tax_id", "account", "passport"})
"""Classes that are hidden like secrets, in a form like their own."""
HIDDEN = frozenset({SECRET, "device", *NUMBERED})
PERSONAL = frozenset({
    "email", "phone", "first_name", "last_name", "full_name", "user_name", "street", "postcode", "birth_date", "card",
    "iban", "ip", "mac", "health", "belief",
})  # fmt: skip
"""Classes that get a mask where no policy says otherwise. Others (`city`, `gender`, `url` …) only where one does."""

_SECRET_PHRASES = frozenset(
    tuple(phrase.split())
    for phrase in (
        "authorization", "authentication", "auth", "cookie", "cookies", "set cookie", "csrf", "xsrf", "csrf token",
        "signature", "sig", "hmac", "jwt", "assertion", "client assertion", "code verifier", "subscription key",
        "functions key", "account key", "shared key", "shared access key", "master key", "service key", "server key",
        "api token", "pass", "passcode", "pw", "pword", "secrets", "passwords", "credential", "credentials",
        "connection string", "dsn", "sas", "sas token", "ticket granting ticket", "saml response", "jsessionid",
        "phpsessid", "sessionid", "sessid", "session", "sid", "connect sid", "one time code", "verification code",
        "authorization code", "auth code", "mfa code", "security code", "backup code", "backup codes", "bearer",
        "x amz signature", "x goog signature", "x goog api key", "deploy key", "ssh key", "pem", "keystore",
        "kubeconfig", "webhook url", "nonce secret", "seed phrase", "mnemonic", "tgt", "apitoken", "authkey",
        "auth key", "access keys", "api keys", "access tokens", "refresh tokens", "user key", "app key", "app secret",
        "consumer key", "consumer secret", "oauth token", "oauth verifier", "private", "user token", "bot token",
        "pgpassword",
    )
)  # fmt: skip
_NONE = frozenset(
    tuple(phrase.split())
    for phrase in (
        "page token", "next page token", "previous page token", "prev page token", "continuation token", "next token",
        "sync token", "next sync token", "resume token", "cursor token", "pagination token", "starting token",
        "stop token", "stop sequence", "bos token", "eos token", "pad token", "unk token", "cls token", "sep token",
        "mask token", "public key", "publishable key", "primary key", "foreign key", "partition key", "sort key",
        "idempotency key", "cache key", "token ids", "session affinity", "system fingerprint", "fingerprint",
        "serial number", "via", "cap code", "str", "face", "signature algorithm", "signature version",
        "private note", "author", "comment author", "cookie policy", "auth provider", "card holder present",
    )
)  # fmt: skip
"""Phrases that hold a word of a secret and are none."""
ABOUT_SECRETS = frozenset({
    "alg", "algorithm", "at", "budget", "count", "counts", "details", "enabled", "endpoint", "endpoints", "error",
    "errors", "expire", "expired", "expires", "expiration", "expiry", "flow", "format", "has", "in", "invalid", "is",
    "kind", "label", "length", "lifetime", "limit", "limits", "max", "message", "method", "methods", "min", "name",
    "names", "on", "policy", "prefix", "provider", "rate", "required", "requirements", "rotation", "scheme", "scope",
    "scopes", "size", "status", "strength", "supported", "total", "ttl", "type", "types", "uri", "url", "usage",
    "used", "valid", "verified", "version",
})  # fmt: skip
"""Words that make a key one about a secret, not the secret: `token_type`, `password_policy`, `token_expires_in`."""
_WITHIN_PEOPLE = {("display", "name"): "full_name", ("displayname",): "full_name", ("handle",): "user_name"}
"""What is somebody's only where people are: files and models have display names, too."""
_SPLIT_LIMIT = 200
"""Longer keys are values in disguise; what they are is told by patterns."""


@lru_cache(maxsize=1 << 15)
def kind_of(name: str) -> str:
    """The class of what stands under such a key; empty where the name says nothing."""
    if len(name) > _SPLIT_LIMIT:
        return ""
    parts = words(name)
    if not parts:
        return ""
    kind = _secret(parts)
    if kind is not None:
        return kind
    found = by_name(name)
    if parts in _WITHIN_PEOPLE:
        return ""
    if found is None or (found[0] == SECRET and ABOUT_SECRETS & set(parts)):
        return ""
    return found[0] if found[0] != "image" else ""


def _secret(parts: tuple[str, ...]) -> str | None:
    """`secret`, empty (surely none), or None: ask further."""
    phrases = [
        parts[start : start + size] for size in range(len(parts), 0, -1) for start in range(len(parts) - size + 1)
    ]
    for phrase in phrases:
        if phrase in _NONE:
            rest = [other for other in phrases if len(other) == 1 and other[0] not in phrase]
            return SECRET if any(other in _SECRET_PHRASES for other in rest) else ""
        if phrase in _SECRET_PHRASES:
            about = ABOUT_SECRETS & set(parts) - set(phrase)
            return "" if about else SECRET
    return None


@lru_cache(maxsize=1 << 15)
def is_people(name: str) -> bool:
    """Whether what stands under the key is a person, or several: `user`, `billing_contact`, `customers`."""
    return not PEOPLE.isdisjoint(words(name)) if len(name) <= _SPLIT_LIMIT else False


@lru_cache(maxsize=1 << 15)
def bare(name: str) -> str:
    """The class of `name`, `first`, `last`, `display_name` within a person; empty for any other key."""
    if len(name) > _SPLIT_LIMIT:
        return ""
    return BARE_NAMES.get(name.lower()) or _WITHIN_PEOPLE.get(words(name), "")


__all__ = ["ABOUT_SECRETS", "HIDDEN", "NUMBERED", "PERSONAL", "SECRET", "bare", "is_people", "kind_of"]
