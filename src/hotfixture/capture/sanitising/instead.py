"""What stands in the place of a secret, or of something of a person, whatever type it has."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hotfixture.capture.sanitising import credentials
from hotfixture.capture.sanitising.credentials import Find
from hotfixture.capture.sanitising.decisions import Decision
from hotfixture.capture.sanitising.keys import ABOUT_SECRETS, HIDDEN, SECRET
from hotfixture.capture.sanitising.learned import Learned
from hotfixture.capture.sanitising.people import People
from hotfixture.capture.sanitising.places import TAG, Keyed, is_mark
from hotfixture.capture.sanitising.surrogates import Surrogates, is_surrogate
from hotfixture.transforms.detect import words

_DIGIT = re.compile(r"\d")
_NOBODYS = ("127.0.0.1", "0.0.0.0", "::1", "::", "localhost")  # noqa: S104 - addresses of this machine
_LONG_NUMBER = 10**7
_HOST = re.compile(r"([A-Za-z][\w+.-]*://[^/?#\s]+)(\S*)")
_PARTS = re.compile("[/?&=#;]")
_ATTRIBUTES = frozenset({
    "path", "domain", "expires", "max-age", "samesite", "version", "comment", "priority", "secure", "httponly",
    "partitioned",
})  # fmt: skip
"""Of a cookie that is set."""
_SHORTEST_COOKIE = 4
_BYTES = frozenset({"bytes", "bytearray", "memoryview"})
_NUMERIC = frozenset({"int", "float", "decimal", "complex"})
_SCHEMED = re.compile(r"(Bearer|Basic|Token|Negotiate|ApiKey|Api-Key|Digest|AWS4-HMAC-SHA256|Key|GoogleLogin)\s+(.+)",
                      re.IGNORECASE | re.DOTALL)  # fmt: skip


class Instead:
    """Makes what stands instead, and remembers secrets on the way."""

    def __init__(self, surrogates: Surrogates, people: People, secrets: Learned) -> None:
        self._surrogates, self._people, self._secrets = surrogates, people, secrets
        self._made: dict[str, str] = {}
        self.basic: Callable[[str], str] = self.secret
        """Set by the cleaner: credentials of the Basic scheme hold texts."""
        self.url: Callable[[str], str] = lambda url: url
        """Set by the sanitiser."""
        self.claims: Callable[[Any], Any] = lambda claims: claims
        """Set by the cleaner: what a token says is a document."""

    def prepare(self, keyed: Iterable[Keyed]) -> None:
        """Work out the masks of many values at once."""
        wanted: dict[Any, list[Any]] = {}
        specs: dict[Any, Any] = {}
        for one in keyed:
            kind = one.decision.spec or one.decision.kind
            if not (isinstance(kind, str) and kind in HIDDEN) and isinstance(one.value, str | int | float):
                wanted.setdefault(str(kind), []).append(one.value)
                specs[str(kind)] = kind
        for name, values in wanted.items():
            self._people.prepare(specs[name], values)

    def prepare_finds(self, finds: Iterable[Find]) -> None:
        """The same for what was found in texts."""
        wanted: dict[str, list[str]] = {}
        for find in finds:
            if find.kind in credentials.PERSONAL_FINDS:
                wanted.setdefault(find.kind, []).append(find.value)
        for kind, values in wanted.items():
            self._people.prepare(kind, values)

    def secret(self, value: str, prefix: int = 0) -> str:
        """The surrogate of a secret, that is remembered from now on."""
        made = self._made.get(value)
        if made is None:
            if is_surrogate(value):
                return value
            made = self._surrogates.of(value, prefix or credentials.public(value))
            if len(self._made) < 1 << 17:
                self._made[value] = made
            self._secrets.add(value, made)
        return made

    def cookie(self, value: str) -> str:
        """The surrogate of a cookie's value; not every cookie is a secret that is worth looking for elsewhere, and
        what has three characters is none."""
        if len(value) < _SHORTEST_COOKIE:
            return value
        if credentials.JWT.fullmatch(value) and credentials.header(value) is not None:
            return self.token(value)
        if is_surrogate(value):
            return value
        return self.secret(value) if _looks_random(value) else self._surrogates.of(value)

    def found(self, find: Find) -> str:
        """What stands in the place of a find."""
        if find.kind in (SECRET, "pem", "national_id"):
            return self.secret(find.value, find.prefix)
        return str(self._people.of(find.kind, find.value))

    def of(self, decision: Decision, value: Any, siblings: Any = None) -> Any:
        """What stands in the place of one text or number."""
        if decision.spec is not None:
            return self._people.of(decision.spec, value, siblings)
        if decision.kind not in HIDDEN:
            return value if decision.kind == "ip" and value in _NOBODYS else self._people.of(decision.kind, value)
        if isinstance(value, str):
            return self._cookies(value) if decision.cookie and "=" in value else self._text(value)
        if isinstance(value, int) and value >= _LONG_NUMBER:
            return int(self.secret(str(value)))
        return type(value)(_DIGIT.sub("9", str(value))) if isinstance(value, int | float) else value

    def _cookies(self, value: str) -> str:
        """Cookies, perhaps with the attributes of one that is set: the values are hidden."""
        return ";".join(self._baked(piece) for piece in value.split(";"))

    def _baked(self, piece: str) -> str:
        name, equals, value = piece.partition("=")
        if not equals or name.strip().lower() in _ATTRIBUTES:
            return piece
        bare = value.strip(' "')
        return f"{name}={value.replace(bare, self.cookie(bare), 1)}" if bare else piece

    def _text(self, value: str) -> str:
        """The surrogate of a secret that is a text; of a key in PEM what stands between its first and last line; of a
        URL what is secret in it, or all but the host."""
        if "://" in value and (match := _HOST.match(value)):
            made = self.url(value)
            if made != value or any(map(is_surrogate, _PARTS.split(match[2]))):
                return made
            return match[1] + self.secret(match[2]) if match[2] else value
        if "PRIVATE KEY-----" in value:
            return credentials.PEM.sub(lambda match: match[0].replace(match[2], self.secret(match[2])), value)
        return self._schemed(value) if value.isprintable() else self.secret(value)

    def _schemed(self, value: str) -> str:
        """A secret perhaps behind the name of its scheme (`Bearer …`), and perhaps a token that has its own form."""
        match = _SCHEMED.fullmatch(value)
        if match and not is_surrogate(match[2]):
            return value[: match.start(2)] + self._credential(match[1].lower(), match[2])
        return value if match else self._credential("", value)

    def _credential(self, scheme: str, value: str) -> str:
        if scheme == "basic":
            return self.basic(value)
        if credentials.JWT.fullmatch(value) and credentials.header(value) is not None:
            return self.token(value)
        return self.secret(value)

    def token(self, value: str) -> str:
        """A JSON Web Token with clean claims and the surrogate of its signature, that no key fits."""
        made = self._made.get(value)
        if made is not None:
            return made
        parts = value.split(".")
        if is_surrogate(parts[-1]) or is_surrogate(parts[1]):
            return value
        if (
            len(parts) == 5 or not parts[-1]
        ):  # encrypted, or unsigned: nobody can look into it, or nothing else is secret
            made_parts = [parts[0], *(self._surrogates.of(part) if part else part for part in parts[1:])]
        else:
            payload = credentials.decoded(parts[1])
            cleaned = self.claims(payload)
            same = cleaned is payload or payload is None
            made_parts = [parts[0], parts[1] if same else _segment(cleaned), self._surrogates.of(parts[2])]
        made = self._made[value] = ".".join(made_parts)
        self._secrets.add(value, made)
        self._secrets.add(parts[-1], made_parts[-1])
        return made

    def under(self, one: Keyed) -> Any:
        """What stands in the place of a value under a telling key: all of a list, and of a document."""
        return self._whole(one.value, one.decision, one.siblings)

    def _whole(self, value: Any, decision: Decision, siblings: Any = None) -> Any:
        if isinstance(value, str):
            return self.of(decision, value, siblings) if value else value
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self.of(decision, value, siblings)
        if isinstance(value, Mapping):
            if "name" in value and "value" in value and not is_mark(value):  # a cookie, a header
                return {**value, "value": self._whole(value["value"], decision)}
            return self._mark(value, decision) if is_mark(value) else {
                key: inner if _about(key) else self._whole(inner, decision) for key, inner in value.items()
            }  # fmt: skip
        if isinstance(value, list | tuple):
            return [self._whole(inner, decision) for inner in value]
        return value

    def _mark(self, mark: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
        """A typed value that keeps its type."""
        made = dict(mark)
        kind = mark[TAG]
        if kind in _BYTES:
            made["value"] = self._bytes(str(mark.get("value", "")), decision)
        elif kind in _NUMERIC:
            made["value"] = self._digits(mark.get("value"))
        elif kind == "uuid":
            made["value"] = self.secret(str(mark.get("value")))
        elif kind not in ("datetime", "date", "time", "timedelta", "range", "enum", "class"):
            for key in ("value", "state", "args"):
                if key in mark:
                    made[key] = self._whole(mark[key], decision)
        if "text" in mark:
            made["text"] = "***"
        return made

    def _bytes(self, value: str, decision: Decision) -> str:
        data = b64decode(value)
        made = self.of(decision, data.decode("latin-1"))
        return b64encode(str(made).encode("latin-1", "replace")).decode()

    @staticmethod
    def _digits(value: Any) -> Any:
        if isinstance(value, list):
            return [_DIGIT.sub("9", str(part)) for part in value]
        return _DIGIT.sub("9", str(value))


def _looks_random(value: str) -> bool:
    """Whether a value is more than a word, a language or a number."""
    return len(value) >= 12 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _about(key: Any) -> bool:
    """Whether what stands there is said about a secret: its type, when it expires."""
    return isinstance(key, str) and not ABOUT_SECRETS.isdisjoint(words(key))


def _segment(claims: Any) -> str:
    data = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return urlsafe_b64encode(data).decode().rstrip("=")
