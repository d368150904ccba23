"""The web: methods, codes and phrases agree, addresses parse, nothing here can be reached."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find, generate
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(5, "web", 0, 2000)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("status_class", ["any", "success", "client_error"])
def test_phrase_and_code_of_the_same_draws_belong_together(status_class):
    codes, phrases = (made(name, status_class=status_class) for name in ("http_status", "http_status_phrase"))
    assert dict(zip(codes, phrases, strict=True)).items() <= {
        (code, words)
        for code, words in zip(*(c.lines for c in list(table("internet/status").values())[:2]), strict=True)
    }
    assert made("http_status_phrase", status_class=status_class, code=True) == [
        f"{code} {words}" for code, words in zip(codes, phrases, strict=True)
    ]


def test_codes_and_most_phrases_are_those_of_the_standard_library():
    known = {int(status): status.phrase for status in HTTPStatus}
    rows = zip(*(column.lines for column in list(table("internet/status").values())[:2]), strict=True)
    wrong = {code: words for code, words in rows if known.get(code) != words}
    assert set(wrong) <= {413, 414, 416, 422}  # renamed by RFC 9110; older libraries keep the former words


def test_frequent_answers_are_frequent():
    counts = Counter(made("http_status"))
    assert counts[200] > 1000 > counts[404] > 20
    assert Counter(made("http_method")).most_common(1)[0][0] == "GET"


@pytest.mark.parametrize("parameters", [1, 3, 8])
def test_queries_parse_into_as_many_parameters(parameters):
    assert all(len(parse_qsl(value)) == parameters for value in agreed("url_query", parameters=parameters))


def test_addresses_lie_under_reserved_domains():
    for value in [*agreed("referer"), *agreed("image_url")]:
        parts = urlsplit(value)
        assert parts.scheme == "https"
        assert parts.hostname.rpartition(".")[2] in ("example", "test")
    assert all(value.rpartition(".")[2] in ("example", "test") for value in agreed("hostname"))


def test_the_host_stands_in_the_domain_of_the_same_draws():
    hosts, domains, words = made("hostname"), made("domain"), made("domain_word")
    assert all(host.partition(".")[2] == domain for host, domain in zip(hosts, domains, strict=True))
    assert all(domain.partition(".")[0] == word for domain, word in zip(domains, words, strict=True))


@pytest.mark.parametrize(
    ("browser", "mark"), [("firefox", "Firefox/"), ("opera", "OPR/"), ("ios", "iPhone"), ("bot", "Bot/")]
)
def test_browsers_call_themselves_what_they_are(browser, mark):
    assert all(mark in value for value in agreed("browser_agent", browser=browser))


def test_cookies_may_carry_attributes():
    assert all("; Path=/; Max-Age=" in value for value in agreed("cookie", attributes=True))
    assert all(";" not in value for value in agreed("cookie"))


def test_slugs_are_lower_case_words():
    assert all(value.replace("-", "").isalpha() and value == value.lower() for value in agreed("slug", words=5))
    assert len(generate("slug", count=1000, words=5).unique()) == 1000
