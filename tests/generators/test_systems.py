"""Systems: parts of one line agree, references parse, schedules are possible."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import UnknownNameError
from hotfixture.generators import find, generate
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(9, "systems", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


def test_service_port_and_protocol_agree():
    rows = made("service_port")
    assert [row["service"] for row in rows] == made("service_name")
    assert [row["port"] for row in rows] == made("service_port_number")
    assert {("https", 443), ("postgresql", 5432)} <= {(row["service"], row["port"]) for row in rows}


def test_regions_belong_to_their_provider():
    columns = table("computing/regions")
    pairs = set(zip(columns["provider"].lines, columns["region"].lines, strict=True))
    assert set(zip(made("cloud_provider"), made("cloud_region"), strict=True)) <= pairs
    assert all(("gcp", value) in pairs for value in agreed("cloud_region", provider="gcp"))
    with pytest.raises(UnknownNameError):
        generate("cloud_region", provider="nimbus")


def test_images_have_a_digest_where_wanted():
    short, long = made("container_image"), made("container_image", digest=True)
    assert all(re.fullmatch(r"registry\.example/[\w/-]+:[\d.]+", value) for value in short)
    assert all(re.fullmatch(re.escape(a) + r"@sha256:[0-9a-f]{64}", b) for a, b in zip(short, long, strict=True))


def test_names_of_pods_are_labels_of_dns():
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{0,62}", value) for value in agreed("kubernetes_pod"))


@pytest.mark.parametrize("kind", ["s3", "lambda", "sns", "sqs", "dynamodb", "iam"])
def test_names_of_resources_have_six_parts(kind):
    assert all(value.count(":") >= 5 and value.startswith("arn:aws:") for value in agreed("arn", kind=kind))


def test_schedules_stay_within_the_ranges_of_their_fields():
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
    for value in agreed("cron_expression", count=500):
        for field, (low, high) in zip(value.split(), limits, strict=True):
            numbers = map(int, re.findall(r"(?<!/)\b\d+", field))
            assert all(low <= number <= high for number in numbers)


def test_phrases_are_sentences():
    assert all(value.endswith("!") and "  " not in value for value in agreed("hacker_phrase"))
