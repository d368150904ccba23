"""Lines of logs: of web servers, of syslog, of applications; stack traces, error codes and messages."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import internet, values, web
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, listed, matching, row_of
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool, table
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

log_level = weighted_vocabulary(
    "it.log_level", "computing/log_level", doc="The level of a log line, INFO most often.", source="the levels of log4j"
)
log_message = vocabulary("it.log_message", "computing/log_message", doc="What a program writes to its log.")
error_message = vocabulary("it.error_message", "computing/error_message", doc="What a program says when it fails.")
exception = vocabulary(
    "it.exception", "computing/exception", doc="The name of a class of errors.", source="built-in exceptions of Python"
)
error_code = vocabulary(
    "it.error_code",
    "computing/error_code",
    doc="The symbol of an error of the operating system.",
    source="POSIX.1-2017, errno.h",
)

# Moments of ten years, in pieces that are entries of pools: a day, the minute, the second.
_YEARS = range(2015, 2025)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def _days(style: str) -> Pool:
    from datetime import date, timedelta

    first = date(_YEARS[0], 1, 1)
    days = [first + timedelta(days=each) for each in range((date(_YEARS[-1] + 1, 1, 1) - first).days)]
    if style == "iso":
        return Pool([f"{day.isoformat()}T" for day in days])
    return Pool([f"{day.day:02d}/{_MONTHS[day.month - 1]}/{day.year}:" for day in days])


@cache
def _minutes() -> Pool:
    return Pool([f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60)])


def moment(draws: AnyDraws, style: str) -> tuple[Column, ...]:
    """A moment from 2015 to 2024, to the second: `iso` as 2024-02-29T12:34:56, `clf` as 29/Feb/2024:12:34:56."""
    days = entry(draws.lane(0), _days(style))
    return days, entry(draws.lane(1), _minutes()), entry(draws.lane(2), counted(0, 59, 2))


_CLF = (
    r"\d+\.\d+\.\d+\.\d+ - (-|[a-z]+) \[\d\d/[A-Z][a-z]{2}/20\d\d:\d\d:\d\d:\d\d \+0000\] "
    r'"[A-Z]+ /[a-z]+/[a-z-]+(/\d+)? HTTP/[0-9.]+" \d{3} (0|[1-9]\d*)'
)
_JSON = (
    r'\{"time":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ","remote":"[0-9.]+","method":"[A-Z]+","path":"/[^"]+",'
    r'"status":\d{3},"bytes":\d+,"duration_ms":\d+,"user_agent":"[^"]+"\}'
)
_FORMS = {"common": _CLF, "combined": rf'{_CLF} "(-|https://[^"]+)" "[^"]+"', "json": _JSON}


@cache
def _statuses() -> Pool:
    return Pool([str(code) for code in table("internet/status")["code"].lines])


@cache
def _sizes() -> Pool:
    """Sizes of answers in bytes: many small ones, some large ones."""
    return Pool([str(base * step) for base in (1, 7, 41, 283) for step in range(1, 1000)])


@cache
def _users() -> Pool:
    """Who is logged in; mostly nobody."""
    names = pool("computing/user_name").lines
    return Pool([*names, *["-"] * (9 * len(names))])


def _common_parts(draws: AnyDraws) -> tuple[Column, ...]:
    remote, user = internet.ipv4(draws.lane(0)), entry(draws.lane(1), _users())
    method = values.pick(table("internet/method")["method"], row_of(draws.lane(3), "internet/method"))
    version = entry(draws.lane(5), listed("HTTP/1.0", "HTTP/1.1", "HTTP/1.1", "HTTP/2.0"))
    status = values.pick(_statuses(), row_of(draws.lane(6), "internet/status"))
    return (
        *(remote, " - ", user, " [", *moment(draws.lane(2), "clf"), ' +0000] "', method, " "),
        *(*web.path_parts(draws.lane(4)), " ", version, '" ', status, " ", entry(draws.lane(7), _sizes())),
    )


def _json_parts(draws: AnyDraws) -> tuple[Column, ...]:
    method = values.pick(table("internet/method")["method"], row_of(draws.lane(3), "internet/method"))
    status = values.pick(_statuses(), row_of(draws.lane(6), "internet/status"))
    return (
        *('{"time":"', *moment(draws.lane(2), "iso"), 'Z","remote":"', internet.ipv4(draws.lane(0))),
        *('","method":"', method, '","path":"', *web.path_parts(draws.lane(4)), '","status":', status),
        *(',"bytes":', entry(draws.lane(7), _sizes()), ',"duration_ms":', entry(draws.lane(8), counted(1, 5000))),
        *(',"user_agent":"', internet.user_agent(draws.lane(9)), '"}'),
    )


@generator(
    "it.http_log_line",
    options=(Option("form", "choice", "combined", "How the line is written.", choices=tuple(_FORMS)),),
    source="the Common and the Combined Log Format of the Apache HTTP Server; addresses of RFC 5737",
    holds=lambda value, form: matching(_FORMS[form])(value),
)
def http_log_line(draws: AnyDraws, *, form: str) -> Column:
    """A line of a web server's access log; moments are those of 2015 to 2024."""
    if form == "json":
        return values.join(*_json_parts(draws))
    parts = _common_parts(draws)
    if form == "combined":
        parts += (' "', web.referer(draws.lane(8), locale="en"), '" "', internet.user_agent(draws.lane(9)), '"')
    return values.join(*parts)


def _is_syslog(value: Any) -> bool:
    import re

    found = re.fullmatch(
        r"<(\d+)>1 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+\.(?:example|test) ([\w-]+) (\d+) - - (.+)", value
    )
    return (
        found is not None
        and int(found[1]) <= 191
        and found[2] in members("computing/process")
        and 1 <= int(found[3]) <= 32_768
        and found[4] in members("computing/log_message")
    )


@generator(
    "it.syslog_line",
    source="RFC 5424; host names under reserved domains",
    holds=_is_syslog,
)
def syslog_line(draws: AnyDraws) -> Column:
    """A message of syslog, without structured data."""
    return values.join(
        *("<", entry(draws.lane(0), counted(0, 191)), ">1 ", *moment(draws.lane(1), "iso"), "."),
        *(entry(draws.lane(2), counted(0, 999, 3)), "Z ", web.hostname(draws.lane(3), locale="en"), " "),
        *(entry(draws.lane(4), pool("computing/process")), " ", entry(draws.lane(5), counted(1, 32_768)), " - - "),
        entry(draws.lane(6), pool("computing/log_message")),
    )


def _is_log_line(value: Any) -> bool:
    import re

    found = re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ([A-Z]+) \[([a-z]+)\] (.+)", value)
    return (
        found is not None
        and found[1] in table("computing/log_level")["value"].lines
        and found[2] in members("computing/service")
        and found[3] in members("computing/log_message")
    )


@generator("it.log_line", source="moment, level, program and message, as most programs write them", holds=_is_log_line)
def log_line(draws: AnyDraws) -> Column:
    """A line of an application's log."""
    level = values.pick(table("computing/log_level")["value"], row_of(draws.lane(2), "computing/log_level"))
    return values.join(
        *(*moment(draws.lane(0), "iso"), ".", entry(draws.lane(1), counted(0, 999, 3)), "Z ", level, " ["),
        *(entry(draws.lane(3), pool("computing/service")), "] ", entry(draws.lane(4), pool("computing/log_message"))),
    )


_FRAMES = {
    "python": (r'  File "/app/[a-z]+/[a-z_]+\.py", line \d+, in [a-z_]+'),
    "java": (r"\tat com\.example\.[a-z]+\.[A-Z][a-z]+\.[a-z]+[A-Za-z]+\([A-Z][a-z]+\.java:\d+\)"),
    "javascript": (r"    at [a-z]+[A-Za-z]+ \(/app/[a-z]+/[a-z_]+\.js:\d+:\d+\)"),
}


@cache
def _camel() -> Pool:
    """Names of functions as Java and JavaScript write them."""
    names = (name.split("_") for name in pool("computing/function").lines)
    return Pool([first + "".join(each.capitalize() for each in rest) for first, *rest in names])


@cache
def _nouns(capital: bool) -> Pool:
    nouns = [word for word in pool("computing/noun").lines if word.isalpha()]
    return Pool([word.capitalize() if capital else word for word in nouns])


@generator(
    "it.stack_trace_line",
    options=(Option("language", "choice", "python", "Whose traces.", choices=tuple(_FRAMES)),),
    source="how each language prints a frame of a stack; no such program exists",
    holds=lambda value, language: matching(_FRAMES[language])(value),
)
def stack_trace_line(draws: AnyDraws, *, language: str) -> Column:
    """One frame of a stack trace."""
    service, line = entry(draws.lane(0), pool("computing/service")), entry(draws.lane(2), counted(1, 900))
    file = draws.lane(1)
    if language == "java":
        name = entry(file, _nouns(capital=True))
        spelled = ("\tat com.example.", service, ".", name, ".", entry(draws.lane(3), _camel()), "(", name, ".java:")
        return values.join(*spelled, line, ")")
    if language == "javascript":
        place = ("    at ", entry(draws.lane(3), _camel()), " (/app/", service, "/", entry(file, _nouns(capital=False)))
        return values.join(*place, ".js:", line, ":", entry(draws.lane(4), counted(1, 120)), ")")
    where = ('  File "/app/', service, "/", entry(file, _nouns(capital=False)), '.py", line ', line, ", in ")
    return values.join(*where, entry(draws.lane(3), pool("computing/function")))
