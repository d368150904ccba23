"""What browsers and servers say to each other: methods, status codes, paths, queries, hosts, cookies, user agents."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import internet, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import among, counted, drawn_rows, entry, listed, matching, one, row_of
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, members, pool, table

_HTTP = "RFC 9110; as often as logs of web shops show them, in round figures"
_RESERVED = "RFC 2606 and RFC 6761 reserve the top-level domains .example and .test"


@generator(
    "internet.http_method",
    source=_HTTP,
    holds=lambda value: value in table("internet/method")["method"].lines,
    capacity=lambda: len(drawn_rows("internet/method")),
)
def http_method(draws: AnyDraws) -> Column:
    """A method of HTTP, GET most often."""
    return values.take(table("internet/method")["method"], row_of(draws.lane(0), "internet/method"))


_CLASSES = {"any": 0, "informational": 1, "success": 2, "redirection": 3, "client_error": 4, "server_error": 5}
_STATUS_CLASS = Option("status_class", "choice", "any", "Which class of codes.", choices=tuple(_CLASSES))


@cache
def _status_sums(status_class: str) -> tuple[int, ...]:
    """Running sums of the weights, of the codes of one class alone."""
    from itertools import accumulate

    head, columns = _CLASSES[status_class], table("internet/status")
    weights = zip(columns["code"].lines, columns["weight"].lines, strict=True)
    return tuple(accumulate(weight if head in (0, code // 100) else 0 for code, weight in weights))


def _status_row(draws: AnyDraws, status_class: str) -> Column:
    return values.weighted(draws.lane(0), _status_sums(status_class))


def _of_class(code: int, status_class: str) -> bool:
    return status_class == "any" or code // 100 == _CLASSES[status_class]


@generator(
    "internet.http_status",
    type="int32",
    options=(_STATUS_CLASS,),
    source=f"IANA HTTP Status Code Registry; {_HTTP}",
    holds=lambda value, status_class: (
        value in table("internet/status")["code"].lines and _of_class(value, status_class)
    ),
)
def http_status(draws: AnyDraws, *, status_class: str) -> Column:
    """A status code of HTTP, 200 most often."""
    return values.lookup(table("internet/status")["code"].lines, _status_row(draws, status_class))


@cache
def _status_lines() -> Pool:
    columns = table("internet/status")
    return Pool([f"{code} {words}" for code, words in zip(columns["code"].lines, columns["phrase"].lines, strict=True)])


@generator(
    "internet.http_status_phrase",
    options=(_STATUS_CLASS, Option("code", "boolean", False, "With the code in front.")),
    source=f"IANA HTTP Status Code Registry; {_HTTP}",
    holds=lambda value, status_class, code: any(
        _of_class(int(line[:3]), status_class) and value == (line if code else line[4:])
        for line in _status_lines().lines
    ),
)
def http_status_phrase(draws: AnyDraws, *, status_class: str, code: bool) -> Column:
    """The reason phrase of the status code that the same draws give."""
    row = _status_row(draws, status_class)
    return values.take(_status_lines() if code else table("internet/status")["phrase"], row)


_VERSIONS = listed("HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3")
_VERSION_SUMS = (2, 42, 85, 100)


@generator("internet.http_version", source="RFC 9110, 9113 and 9114", holds=among(_VERSIONS), capacity=4)
def http_version(draws: AnyDraws) -> Column:
    """A version of HTTP, newer ones more often."""
    return values.take(_VERSIONS, values.weighted(draws.lane(0), _VERSION_SUMS))


@generator(
    "internet.tld",
    source="top-level domains of the IANA root zone, a choice",
    holds=lambda value: value in members("internet/tld"),
    capacity=lambda: len(members("internet/tld")),
)
def tld(draws: AnyDraws) -> Column:
    """A top-level domain in use, without its dot; for addresses that must reach nobody take `domain`."""
    return one(draws.lane(0), pool("internet/tld"))


_PORTS = {"any": (0, 65_535), "system": (0, 1_023), "user": (1_024, 49_151), "dynamic": (49_152, 65_535)}


@generator(
    "internet.port_number",
    type="int32",
    options=(
        Option("range", "choice", "any", "Which of IANA's ranges; `any` leaves out port 0.", choices=tuple(_PORTS)),
    ),
    source="RFC 6335, section 6: system, user and dynamic ports",
    holds=lambda value, range: max(_PORTS[range][0], 1) <= value <= _PORTS[range][1],  # noqa: A006 - the RFC's own word, as the option
    capacity=lambda range: _PORTS[range][1] - max(_PORTS[range][0], 1) + 1,  # noqa: A006 - as above
)
def port_number(draws: AnyDraws, *, range: str) -> Column:  # noqa: A002 - as above
    """A port number of TCP or UDP."""
    low, high = max(_PORTS[range][0], 1), _PORTS[range][1]
    return low + draws.lane(0).below(high - low + 1)


@cache
def _slug_words() -> Pool:
    return Pool(sorted({word.lower() for word in pool("en/word").lines if word.isascii() and word.isalpha()}))


def slugs(draws: AnyDraws, words: int, separator: str = "-") -> Column:
    """English words in lower case with `separator` between them."""
    parts: list[Column] = [entry(draws.lane(0), _slug_words())]
    for place in range(1, words):
        parts += [separator, entry(draws.lane(place), _slug_words())]
    return values.join(*parts)


@generator(
    "internet.slug",
    options=(Option("words", "integer", 3, "How many words.", low=1, high=12),),
    source="everyday words, our own list, in ASCII and lower case",
    holds=lambda value, words: value.count("-") == words - 1 and set(value.split("-")) <= set(_slug_words().lines),
    capacity=lambda words: len(_slug_words()) ** words,
)
def slug(draws: AnyDraws, *, words: int) -> Column:
    """The readable end of a web address: words with hyphens between them."""
    return slugs(draws, words)


@generator(
    "internet.url_path",
    source="RFC 3986, section 3.3",
    holds=matching(r"/[a-z]+/[a-z]+-[a-z]+(/\d{1,4})?"),
)
def url_path(draws: AnyDraws) -> Column:
    """The path of a web address."""
    return values.join(*path_parts(draws))


def path_parts(draws: AnyDraws) -> tuple[Column, ...]:
    """The parts of a path, the slash before it among them."""
    ends = _path_ends()
    slug_text = slugs(draws.lane(1), 2)
    return ("/", entry(draws.lane(0), pool("path")), "/", slug_text, entry(draws.lane(2), ends))


@cache
def _path_ends() -> Pool:
    """A number or, as often, nothing."""
    return Pool([*(f"/{number}" for number in range(1, 1000)), *[""] * 999])


@generator(
    "internet.url_query",
    options=(Option("parameters", "integer", 2, "How many parameters.", low=1, high=8),),
    source="the application/x-www-form-urlencoded form of the WHATWG URL standard",
    holds=lambda value, parameters: value.count("&") == parameters - 1 and _is_query(value),
)
def url_query(draws: AnyDraws, *, parameters: int) -> Column:
    """The query of a web address, without its question mark; a name may come twice, as real ones do."""
    return values.join(*_query(draws, parameters))


def _query(draws: AnyDraws, parameters: int) -> list[Column]:
    parts: list[Column] = []
    for place in range(parameters):
        lot = draws.lane(place)
        between = ["&"] if place else []
        names, settings = pool("internet/query_key"), pool("internet/query_value")
        parts += [*between, entry(lot.lane(0), names), "=", entry(lot.lane(1), settings)]
    return parts


def _is_query(value: str) -> bool:
    pairs = [part.partition("=") for part in value.split("&")]
    names, settings = members("internet/query_key"), members("internet/query_value")
    return all(name in names and setting in settings for name, _, setting in pairs)


@generator(
    "internet.hostname",
    options=(LOCALE,),
    source=f"RFC 1123 host names; {_RESERVED}",
    holds=lambda value, locale: (
        value.partition(".")[0].rstrip("0123456789") in members("internet/host_role")
        and internet.domain.holds(value.partition(".")[2], locale=locale)
    ),
)
def hostname(draws: AnyDraws, *, locale: str) -> Column:
    """The name of a machine under a domain that nobody can register: the domain of the same draws."""
    roles = entry(draws.lane(0), pool("internet/host_role"))
    number = entry(draws.lane(1), _host_numbers())
    return values.join(roles, number, ".", *internet.domains(draws, locale))


@cache
def _host_numbers() -> Pool:
    return Pool([*[""] * 8, *(f"{number:02d}" for number in range(1, 9))])


@generator(
    "internet.domain_word",
    options=(LOCALE,),
    source="the first label of the domain of the same draws",
    holds=lambda value, locale: internet.domain.holds(f"{value}.example", locale=locale),
)
def domain_word(draws: AnyDraws, *, locale: str) -> Column:
    """The part of a domain before its dot."""
    return values.join(*internet.domains(draws, locale)[:2])


@generator(
    "internet.referer",
    options=(LOCALE,),
    source=f"RFC 9110, section 10.1.3; {_RESERVED}",
    holds=matching(r"-|https://(www\.)?[a-z0-9-]+\.(example|test)/[a-z]+/[a-z]+-[a-z]+(/\d{1,4})?"),
)
def referer(draws: AnyDraws, *, locale: str) -> Column:
    """The Referer header: a page under a reserved domain."""
    www = entry(draws.lane(3), listed("", "www."))
    return values.join("https://", www, *internet.domains(draws, locale), *path_parts(draws))


@generator(
    "internet.image_url",
    options=(
        Option("width", "integer", 640, "Width in pixels.", low=1, high=10_000),
        Option("height", "integer", 480, "Height in pixels.", low=1, high=10_000),
    ),
    source=f"{_RESERVED}; no such picture exists",
    holds=lambda value, width, height: matching(rf"https://images\.example/{width}x{height}/[1-9]\d{{0,3}}\.jpg")(
        value
    ),
    capacity=9999,
)
def image_url(draws: AnyDraws, *, width: int, height: int) -> Column:
    """The address of a picture, its size in the path."""
    return values.join(f"https://images.example/{width}x{height}/", entry(draws.lane(0), counted(1, 9999)), ".jpg")


_BROWSERS = (
    "chrome", "edge", "firefox", "safari", "opera", "android", "ios", "internet_explorer", "bot", "script",
)  # fmt: skip


@cache
def _agents(browser: str) -> Pool:
    """Every spelling in every version, of one browser or of all."""
    rows = zip(*(column.lines for column in table("internet/agents").values()), strict=True)
    return Pool(
        [
            text.replace("{}", str(version))
            for name, text, low, versions in rows
            if browser in ("any", name)
            for version in range(low, low + versions)
        ]
    )


@generator(
    "internet.browser_agent",
    options=(Option("browser", "choice", "any", "Whose header.", choices=("any", *_BROWSERS)),),
    source="RFC 9110, section 10.1.5; the spelling of each browser, its versions made up",
    holds=lambda value, browser: value in _agents(browser).lines,
    capacity=lambda browser: len(_agents(browser)),
)
def browser_agent(draws: AnyDraws, *, browser: str) -> Column:
    """The User-Agent header of a browser, a telephone, a bot or a script."""
    return one(draws.lane(0), _agents(browser))


_COOKIE = r"[a-z_]+=[0-9a-z]{16}"


def _is_cookie(value: Any, *, attributes: bool) -> bool:
    import re

    tail = r"; Path=/; Max-Age=\d+; Secure(; HttpOnly)?; SameSite=(Lax|Strict|None)" if attributes else ""
    found = re.fullmatch(f"{_COOKIE}{tail}", value)
    return found is not None and value.partition("=")[0] in members("internet/cookie_name")


@cache
def _cookie_ends() -> Pool:
    ages, only, sites = (3600, 86_400, 604_800, 2_592_000, 31_536_000), ("", "; HttpOnly"), ("Lax", "Strict", "None")
    return Pool([f"; Path=/; Max-Age={a}; Secure{o}; SameSite={s}" for a in ages for o in only for s in sites])


@generator(
    "internet.cookie",
    options=(Option("attributes", "boolean", False, "As in Set-Cookie: with path, age and the rest."),),
    source="RFC 6265",
    holds=_is_cookie,
)
def cookie(draws: AnyDraws, *, attributes: bool) -> Column:
    """A cookie: its name, and a value that opens nothing."""
    end = entry(draws.lane(2), _cookie_ends()) if attributes else ""
    value = values.spelled(draws.lane(1).bits, internet.BASE_32, 13)
    front = values.spelled(draws.lane(3).bits, internet.BASE_32, 3)
    return values.join(entry(draws.lane(0), pool("internet/cookie_name")), "=", front, value, end)
