"""Credentials that tell themselves by their form: the documented beginnings of services' tokens, JWTs, private keys,
credentials in URLs, and what prose says after `Bearer`, `password=` and the like.

The beginnings are those that the services document, so that secret scanners find them: see each service's own page on
the format of its keys (for example docs.github.com, `About authentication`; docs.stripe.com, `API keys`).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hotfixture.capture.sanitising.keys import SECRET, kind_of


class Find(NamedTuple):
    """One find in a text."""

    kind: str
    """`secret`, `jwt`, `pem`, or a class of something personal."""
    start: int
    end: int
    value: str
    prefix: int = 0
    """So many characters at its beginning are public, and stay."""


TOKENS: Mapping[str, str] = {
    "bot": r"\d{8,10}:[\w-]{30,}",
    "AKIA": "[A-Z0-9]{16}", "ASIA": "[A-Z0-9]{16}", "ABIA": "[A-Z0-9]{16}", "ACCA": "[A-Z0-9]{16}",
    "AIza": r"[\w-]{30,}", "GOCSPX-": r"[\w-]{20,}", "ya29.": r"[\w.-]{20,}", "1//0": r"[\w-]{20,}",
    "ghp_": r"\w{16,}", "gho_": r"\w{16,}", "ghu_": r"\w{16,}", "ghs_": r"\w{16,}", "ghr_": r"\w{16,}",
    "github_pat_": r"\w{20,}",
    "glpat-": r"[\w.-]{16,}", "gldt-": r"[\w-]{16,}", "glrt-": r"[\w-]{16,}", "glcbt-": r"[\w-]{16,}",
    "glptt-": r"[\w-]{16,}", "glft-": r"[\w-]{16,}", "glsoat-": r"[\w-]{16,}", "glagent-": r"[\w-]{16,}",
    "xoxb-": r"[\w-]{10,}", "xoxp-": r"[\w-]{10,}", "xoxa-": r"[\w-]{10,}", "xoxr-": r"[\w-]{10,}",
    "xoxs-": r"[\w-]{10,}", "xoxe-": r"[\w-]{10,}", "xoxe.": r"[\w.-]{10,}", "xapp-": r"[\w-]{10,}",
    "hooks.slack.com/services/": r"[\w/]{20,}", "discord.com/api/webhooks/": r"[\w/-]{20,}",
    "sk_live_": r"\w{10,}", "sk_test_": r"\w{10,}", "rk_live_": r"\w{10,}", "rk_test_": r"\w{10,}",
    "pk_live_": r"\w{10,}", "pk_test_": r"\w{10,}", "whsec_": r"[\w+/=]{16,}",
    "sk-proj-": r"[\w-]{20,}", "sk-svcacct-": r"[\w-]{20,}", "sk-admin-": r"[\w-]{20,}", "sk-ant-": r"[\w-]{20,}",
    "sk-or-v1-": r"[\w-]{20,}", "sk-": r"[A-Za-z0-9]{20,}",
    "SG.": r"[\w-]{16,}\.[\w-]{16,}", "npm_": r"[A-Za-z0-9]{30,}", "pypi-": r"[\w-]{40,}",
    "hf_": r"[A-Za-z0-9]{30,}", "dapi": "[0-9a-f]{32}", "gsk_": r"\w{20,}", "r8_": r"\w{30,}", "pplx-": r"\w{30,}",
    "xai-": r"\w{30,}", "nvapi-": r"[\w-]{30,}", "AGE-SECRET-KEY-1": "[0-9A-Z]{50,}",
    "shpat_": r"\w{30,}", "shpca_": r"\w{30,}", "shppa_": r"\w{30,}", "shpss_": r"\w{30,}",
    "dop_v1_": "[0-9a-f]{60,}", "doo_v1_": "[0-9a-f]{60,}", "dor_v1_": "[0-9a-f]{60,}",
    "hvs.": r"[\w-]{20,}", "hvb.": r"[\w-]{20,}", "dp.pt.": r"\w{30,}", "lin_api_": r"\w{30,}", "ntn_": r"\w{30,}",
    "PMAK-": r"[\w-]{30,}", "NRAK-": r"\w{20,}", "glsa_": r"\w{30,}", "sntrys_": r"[\w+/=]{30,}",
    "sbp_": "[0-9a-f]{30,}", "rubygems_": "[0-9a-f]{40,}", "figd_": r"[\w-]{30,}", "ATATT3": r"[\w=-]{30,}",
    "sq0atp-": r"[\w-]{20,}", "sq0csp-": r"[\w-]{30,}", "EAAA": r"[\w-]{50,}", "dckr_pat_": r"[\w-]{20,}",
    "tskey-": r"[\w-]{20,}", "pul-": "[0-9a-f]{40}", "pat_": "[A-Za-z0-9]{30,}", "access_token$production$": r"\w{40,}",
    "CFPAT-": r"[\w-]{40,}", "fo1_": r"[\w-]{40,}", "tfp_": r"\w{40,}", "secret_": "[A-Za-z0-9]{40,}",
    "key-": "[0-9a-f]{32}", "ops_eyJ": r"[\w+/=-]{100,}", "EZAK": r"\w{50,}", "shippo_live_": r"\w{30,}",
}  # fmt: skip
"""The beginning of a kind of token, that stays in its surrogate, and the form of the rest."""

LITERALS = tuple(TOKENS)
_TOKENS = {
    start: re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(start)}{rest}", re.ASCII) for start, rest in TOKENS.items()
}
PERSONAL_FINDS = frozenset({"email", "phone", "card", "iban"})
"""Kinds of finds that are masked like columns of such values."""
JWT = re.compile(r"(?<![\w.-])eyJ[\w-]{6,}\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?", re.ASCII)
PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----(.*?)(?:-----END \1-----|\Z)", re.DOTALL)
_URL = re.compile(
    r"(?<![\w+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}://"
    r"(?:[^\s/?#@:\"'<>\\]*:([^\s/?#\"'<>\\]+)|([^\s/?#@:\"'<>\\]{16,}))@"
)
_SCHEME = re.compile(r"\b(bearer|basic|apikey|api-key|negotiate|token)\s+([\w.~+/=-]{8,})", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:(?<![\w.-])|(?<=--))([A-Za-z][\w.-]{1,60})(?:\\{0,3}[\"']|&quot;|&#34;)?"
    r"[ \t]{0,3}(?:=>|:=|[=:](?!//))[ \t]{0,3}"
)
_VALUE = re.compile(
    r"(?:(?:bearer|basic|token)\s+|[|>][+-]?[ \t]*\r?\n[ \t]+)?"
    r"(?:\"((?:[^\"\\\n]|\\.){1,2000})\"|'((?:[^'\\\n]|\\.){1,2000})'|\\{1,3}\"([^\"\\\n]{1,2000})\\{1,3}\""
    r"|&(?:quot|#34);([^&\n]{1,2000})&(?:quot|#34);"
    r"|([^\s\"'&;,<>(){}\[\]|`\\]{3,}))",
    re.IGNORECASE,
)
_BARE = 5
"""The group of a value without quotes."""
_ELEMENT = re.compile(r"<([A-Za-z_][\w:.-]{0,60})(?:\s[^<>]{0,500})?>([^<>]{3,2000})</")
_USER = re.compile(r"(?<![\w-])(?:-u|--user|--proxy-user)[ =][\"']?([^\s:\"']{1,100}):([^\s\"']{3,200})")
_OPTION = re.compile(r"(?<![\w-])--([A-Za-z][\w-]{1,60})[ \t]{1,3}[\"']?([^\s\"'-][^\s\"']{2,500})")
_GIVEN = re.compile(
    r"\bIDENTIFIED\s+(?:WITH\s+\S{1,60}\s+)?(?:BY|AS)\s+(?:PASSWORD\s+)?'([^'\n]{3,500})'"
    r"|\bPASSWORD\s+(?:FOR\s+\S{1,100}\s*=\s*)?'([^'\n]{3,500})'"
    r"|\blogin\s+\S{1,100}\s+password\s+(\S{3,500})",
    re.IGNORECASE,
)
"""Passwords in SQL's statements about users, and in a `.netrc`."""
STEMS = (
    "pass", "pwd", "secret", "token", "key", "auth", "credential", "cookie", "session", "bearer", "basic", "signature",
    "sig", "otp", "jwt", "sid", "pw", "pin", "srf", "dsn", "code", "cvv", "cvc", "hmac", "mnemonic",
    "contrase", "senha",
)  # fmt: skip
"""One of these stands in every text that names a secret and gives it."""
_WORDS_OF_PROSE = frozenset({
    "true", "false", "null", "none", "undefined", "required", "optional", "string", "invalid", "missing", "expired",
    "bearer", "basic", "authentication", "authorization", "credentials", "header", "headers", "realm",
})  # fmt: skip


def tokens(text: str) -> Iterator[Find]:
    """Tokens of services, by their beginnings."""
    for start, pattern in _TOKENS.items():
        if start in text:
            for match in pattern.finditer(text):
                yield Find(SECRET, match.start(), match.end(), match[0], len(start))


def public(token: str) -> int:
    """How many characters at the beginning of a token say whose it is."""
    return next((len(start) for start, form in _TOKENS.items() if token.startswith(start) and form.match(token)), 0)


def jwts(text: str) -> Iterator[Find]:
    """JSON Web Tokens (RFC 7519) and encrypted ones (RFC 7516): their header must decode."""
    for match in JWT.finditer(text):
        if header(match[0]) is not None:
            yield Find("jwt", match.start(), match.end(), match[0])


def header(token: str) -> dict[str, object] | None:
    """The header of a JWT; None where it is none."""
    found = decoded(token.partition(".")[0])
    return found if isinstance(found, dict) and ("alg" in found or "enc" in found) else None


def decoded(segment: str) -> object:
    """What a segment of a JWT holds as JSON; None where it holds none."""
    try:
        return json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        return None


def keys(text: str) -> Iterator[Find]:
    """Private keys in PEM (RFC 7468), with the lines around them; a torn one to the end of the text."""
    for match in PEM.finditer(text):
        yield Find("pem", match.start(2), match.end(2), match[2])


def in_urls(text: str) -> Iterator[Find]:
    """The password of `scheme://user:password@host`; without one, what stands before the `@` where it is no name."""
    for match in _URL.finditer(text):
        place = 1 if match[1] else 2
        if place == 1 or any(map(str.isdigit, match[2])):
            yield Find(SECRET, match.start(place), match.end(place), match[place])


def told(text: str) -> Iterator[Find]:
    """What prose calls a secret: `Bearer …`, `password=…`, `"api_key": "…"`."""
    for match in _SCHEME.finditer(text):
        if match[2].lower() not in _WORDS_OF_PROSE and _odd(match[2]):
            yield Find("basic" if match[1].lower() == "basic" else SECRET, match.start(2), match.end(2), match[2])
    for match in _USER.finditer(text):
        yield Find(SECRET, match.start(2), match.end(2), match[2])
    for match in _OPTION.finditer(text):
        if kind_of(match[1]) == SECRET:
            yield Find(SECRET, match.start(2), match.end(2), match[2])
    for match in _GIVEN.finditer(text):
        place = match.lastindex or 1
        yield Find(SECRET, match.start(place), match.end(place), match[place])
    for match in _ELEMENT.finditer(text):
        if kind_of(match[1].rpartition(":")[2]) == SECRET:
            yield Find(SECRET, match.start(2), match.end(2), match[2])
    done = 0
    for named in _NAMED.finditer(text):
        found = _assigned(text, named) if named.start() >= done else None
        if found is not None:
            done = found.end
            yield found


def _assigned(text: str, named: re.Match[str]) -> Find | None:
    """The value that a name of a secret is given; None where the name is none of those."""
    if kind_of(named[1].rpartition(".")[2] or named[1]) != SECRET:
        return None
    match = _VALUE.match(text, named.end())
    if match is None:
        return None
    place = next(number for number in range(1, _BARE + 1) if match[number] is not None)
    value = match[place]
    if value.lower() in _WORDS_OF_PROSE:
        return None
    trailing = len(value) - len(value.rstrip(".:!?")) if place == _BARE and not value.endswith("=") else 0
    return Find(SECRET, match.start(place), match.end(place) - trailing, value[: len(value) - trailing])


def _odd(value: str) -> bool:
    """Whether what follows `bearer` is a token rather than the next word of a sentence."""
    return not value.isalpha() or (len(value) >= 20) or not (value.islower() or value.istitle())
