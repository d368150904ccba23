"""Machines and what runs on them: services, ports, processes, containers, clouds, schedules, systems, languages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, hexadecimal, letters, listed, matching, one, text_of
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool, table
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

environment = weighted_vocabulary("it.environment", "computing/environment", doc="Where a program runs.")
programming_language = vocabulary("it.programming_language", "computing/language", doc="A programming language.")
database = vocabulary("it.database", "computing/database", doc="The name of a database system.")
operating_system = vocabulary("it.operating_system", "computing/operating_system", doc="An operating system.")
processor_architecture = weighted_vocabulary(
    "it.processor_architecture", "computing/platform", doc="What `uname -m` answers."
)
process = vocabulary("it.process", "computing/process", doc="The name of a process.")
service = vocabulary("it.service", "computing/service", doc="The name of a service of a larger system.")
hacker_abbreviation = vocabulary(
    "it.abbreviation", "computing/hacker_abbreviation", doc="An abbreviation that people in IT use."
)
unix_account = vocabulary("it.unix_account", "computing/user_name", doc="The name of an account on a Unix system.")


@generator(
    "it.pid",
    type="int32",
    source="the default of Linux: at most 32,768",
    holds=lambda value: 1 <= value <= 32_768,
    capacity=32_768,
)
def pid(draws: AnyDraws) -> Column:
    """The number of a process."""
    return 1 + draws.lane(0).below(32_768)


_PORTS = Records(
    "computing/ports",
    lane=lanes.own("it.service_port"),
    source="IANA Service Name and Transport Protocol Port Number Registry",
    by=("protocol",),
)
service_port = _PORTS.record(
    "it.service_port", "service port protocol", doc="A well-known service, its port and its protocol."
)
service_name = _PORTS.column("it.service_name", "service", doc="IANA's name of the service of the same draws.")
service_port_number = _PORTS.column(
    "it.service_port_number", "port", doc="The port of the service of the same draws.", type="int64"
)
protocol = _PORTS.column("it.protocol", "protocol", doc="The transport protocol of the service of the same draws.")

_REGIONS = Records(
    "computing/regions", lane=lanes.own("it.cloud_region"), source="the providers' own names", by=("provider",)
)
cloud_region = _REGIONS.column("it.cloud_region", "region", doc="A region of a cloud.")
cloud_provider = _REGIONS.column("it.cloud_provider", "provider", doc="Whose region that of the same draws is.")
_INSTANCES = Records(
    "computing/instances", lane=lanes.own("it.instance_type"), source="the providers' own names", by=("provider",)
)
instance_type = _INSTANCES.column("it.instance_type", "type", doc="A size of machine that a cloud lets.")


@generator(
    "it.docker_container_name",
    source="an adjective and a noun, as container engines name what nobody named; our own lists",
    holds=lambda value: (
        value.partition("_")[0] in members("computing/adjective")
        and value.partition("_")[2] in members("computing/noun")
    ),
    capacity=lambda: len(members("computing/adjective")) * len(members("computing/noun")),
)
def docker_container_name(draws: AnyDraws) -> Column:
    """The name of a container."""
    adjective, noun = pool("computing/adjective"), pool("computing/noun")
    return values.join(entry(draws.lane(0), adjective), "_", entry(draws.lane(1), noun))


_IMAGE = r"registry\.example/[a-z]+/[a-z-]+:\d+\.\d+\.\d+"


@generator(
    "it.container_image",
    options=(Option("digest", "boolean", False, "With the digest of the image at the end."),),
    source="OCI Distribution Specification 1.1; the registry is under a reserved domain",
    holds=lambda value, digest: matching(_IMAGE + ("@sha256:[0-9a-f]{64}" if digest else ""))(value),
)
def container_image(draws: AnyDraws, *, digest: bool) -> Column:
    """The reference of a container image: registry, team, name and version."""
    parts = [
        *("registry.example/", entry(draws.lane(0), pool("computing/service")), "/"),
        *(entry(draws.lane(1), pool("computing/docker_image")), ":", entry(draws.lane(2), counted(0, 9)), "."),
        *(entry(draws.lane(3), counted(0, 29)), ".", entry(draws.lane(4), counted(0, 19))),
    ]
    if digest:
        parts += ["@sha256:", text_of(hexadecimal(draws.lane(5), 64))]
    return values.join(*parts)


_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes makes names of: no vowels and no digits that look like them, so that no words come up."""


@generator(
    "it.kubernetes_pod",
    source="Kubernetes: deployment, hash of the replica set, five characters; the alphabet of its SafeEncodeString",
    holds=matching(rf"[a-z]+-[{_SAFE}]{{10}}-[{_SAFE}]{{5}}"),
    capacity=lambda: len(members("computing/service")) * 27**15,
)
def kubernetes_pod(draws: AnyDraws) -> Column:
    """The name of a pod of a deployment."""
    ends = (text_of(letters(draws.lane(place), _SAFE, width)) for place, width in ((1, 10), (2, 5)))
    return values.join(entry(draws.lane(0), pool("computing/service")), "-", next(ends), "-", next(ends))


_ARNS = {
    "s3": ("arn:aws:s3:::example-", "", ""),
    "lambda": ("arn:aws:lambda:", ":123456789012:function:", ""),
    "sns": ("arn:aws:sns:", ":123456789012:", ""),
    "sqs": ("arn:aws:sqs:", ":123456789012:", "-queue"),
    "dynamodb": ("arn:aws:dynamodb:", ":123456789012:table/", ""),
    "iam": ("arn:aws:iam::123456789012:role/", "", ""),
}


@cache
def _aws_regions() -> Pool:
    columns = table("computing/regions")
    rows = zip(columns["provider"].lines, columns["region"].lines, strict=True)
    return Pool([region for provider, region in rows if provider == "aws"])


@generator(
    "it.arn",
    options=(Option("kind", "choice", "lambda", "Of which service.", choices=tuple(_ARNS)),),
    source="AWS General Reference, Amazon Resource Names; account 123456789012 is the one of its examples",
    holds=lambda value, kind: (
        matching(r"arn:aws:[a-z0-9]+:[a-z0-9-]*:(123456789012)?:[a-z/:-]+")(value) and value.startswith(_ARNS[kind][0])
    ),
)
def arn(draws: AnyDraws, *, kind: str) -> Column:
    """The name of a resource of a cloud, in an account that is for examples only."""
    front, middle, end = _ARNS[kind]
    name = entry(draws.lane(1), pool("computing/topic"))
    region = entry(draws.lane(0), _aws_regions()) if middle else ""
    return values.join(front, region, middle, name, end)


# A field of a crontab: `*`, a step, a value.
def _field(low: int, high: int, steps: tuple[int, ...]) -> Iterator[str]:
    span = high - low + 1
    yield from ["*"] * (span // 2)
    yield from (f"*/{step}" for step in steps)
    yield from (str(number) for number in range(low, high + 1))


@cache
def _fields() -> tuple[Pool, ...]:
    """Minutes, hours, days of the month, months and days of the week."""
    days = [*["*"] * 8, *map(str, range(7)), "1-5", "0,6"]
    minutes, hours = Pool(list(_field(0, 59, (5, 10, 15, 20, 30)))), Pool(list(_field(0, 23, (2, 3, 4, 6, 8, 12))))
    dates, months = Pool([*["*"] * 40, *map(str, range(1, 29))]), Pool([*["*"] * 40, *map(str, range(1, 13))])
    return minutes, hours, dates, months, Pool(days)


def _is_cron(value: Any) -> bool:
    fields = value.split(" ")
    return len(fields) == 5 and all(field in known.lines for field, known in zip(fields, _fields(), strict=True))


@generator("it.cron_expression", source="POSIX.1-2017, crontab; steps as Vixie cron reads them", holds=_is_cron)
def cron_expression(draws: AnyDraws) -> Column:
    """When a job runs: minute, hour, day of the month, month, day of the week."""
    parts: list[Column] = []
    for place, known in enumerate(_fields()):
        parts += [*([" "] if place else []), entry(draws.lane(place), known)]
    return values.join(*parts)


@cache
def _variables() -> Pool:
    topics = (topic.replace("-", "_").upper() for topic in pool("computing/topic").lines)
    return Pool(
        [f"{topic}_{end}" for topic in topics for end in ("URL", "HOST", "PORT", "TIMEOUT", "ENABLED", "LEVEL")]
    )


@generator(
    "it.environment_variable",
    source="POSIX.1-2017, section 8.1: capitals, digits and underscores; our own list",
    holds=lambda value: value in _variables().lines,
    capacity=lambda: len(_variables()),
)
def environment_variable(draws: AnyDraws) -> Column:
    """The name of an environment variable."""
    return one(draws.lane(0), _variables())


@generator(
    "it.hacker_phrase",
    source="our own lists",
    holds=matching(r"(We need|Try) to [a-zA-Z0-9 -]+, it may [a-zA-Z0-9 -]+!"),
)
def hacker_phrase(draws: AnyDraws) -> Column:
    """A sentence that sounds like IT and means nothing."""
    lists = {kind: pool(f"computing/hacker_{kind}") for kind in ("verb", "adjective", "noun", "abbreviation")}
    first, second = draws.lane(0), draws.lane(1)

    def half(lot: AnyDraws) -> tuple[Column, ...]:
        parts = [entry(lot.lane(place), known) for place, known in enumerate(lists.values())]
        return parts[0], " the ", parts[1], " ", parts[3], " ", parts[2]

    start = entry(draws.lane(2), listed("We need", "Try"))
    return values.join(start, " to ", *half(first), ", it may ", *half(second), "!")
