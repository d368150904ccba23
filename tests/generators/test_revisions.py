"""Revisions: hashes that begin alike, versions in order, names in the spelling of their registry."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find

DRAWS = Draws.from_rows(8, "revisions", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


def test_a_short_hash_is_how_the_full_one_begins():
    full = made("commit_hash")
    assert made("commit_hash", length=7) == [value[:7] for value in full]
    assert all(whole.startswith(part) for whole, part in zip(made("commit_hash", length=64), full, strict=True))


def test_conventional_messages_name_their_kind():
    assert all(
        re.match(r"[a-z]+(\([a-z]+\))?: [a-z]", value) for value in agreed("commit_message", style="conventional")
    )
    assert all(value[0].isupper() and ": " not in value for value in agreed("commit_message"))


@pytest.mark.parametrize(("prefix", "prerelease"), [(None, False), ("v", True), ("release-", False)])
def test_versions_match_the_expression_of_the_specification(prefix, prerelease):
    numbers = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    pattern = f"{prefix or ''}{numbers}" + (r"-(alpha|beta|rc)\.[1-9]" if prerelease else "")
    assert all(
        re.fullmatch(pattern, value) for value in agreed("semantic_version", prefix=prefix, prerelease=prerelease)
    )


@pytest.mark.parametrize(
    ("ecosystem", "pattern"),
    [("npm", r"@example/[a-z-]+"), ("maven", r"com\.example:[a-z-]+"), ("nuget", r"Example\.[A-Z][a-z]+\.[A-Z][a-z]+")],
)
def test_packages_are_spelled_as_their_registry_wants(ecosystem, pattern):
    assert all(re.fullmatch(pattern, value) for value in agreed("package_name", ecosystem=ecosystem))


def test_flags_may_have_underscores():
    assert made("feature_flag", style="snake") == [value.replace("-", "_") for value in made("feature_flag")]


def test_branches_say_what_kind_of_work_they_hold():
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9-]+", value) for value in agreed("branch"))
