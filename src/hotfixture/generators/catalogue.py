"""The table of all generators: group, module, names. A new generator is one function and one word here.

A name stands for the function of that name in the module; `name=function` says where Python needs another word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

CATALOGUE: Mapping[str, Mapping[str, str]] = {
    # group: {module: names}
    "people": {
        "people": "sex first_name last_name full_name name_prefix birth_date",
        "person": "person",
    },
    "places": {
        "places": "street building_number address_line city region postcode country country_code latitude longitude "
        "coordinates address",
    },
    "contact": {"contact": "phone"},
    "internet": {
        "internet": "email user_name domain url ipv4 ipv6 mac user_agent",
        "passwords": "password passphrase",
        "web": "http_method http_status http_status_phrase http_version tld port slug url_path url_query hostname "
        "domain_word referer image_url browser_agent cookie",
        "tokens": "api_key token jwt oauth_scope bearer_header",
        "networks": "ipv4_private ipv4_network ipv6_network asn",
        "social": "social_handle free_email company_email free_email_domain hashtag emoji",
    },
    "business": {"business": "company job"},
    "text": {"text": "word sentence paragraph text", "pattern": "pattern=text_pattern"},
    "numbers": {"numbers": "integer decimal float=floating boolean"},
    "distributions": {"distributions": "uniform normal zipf histogram"},
    "times": {"times": "date=calendar_date time=time_of_day timestamp interval"},
    "identifiers": {"identifiers": "uuid ulid sequence permutation"},
    "finance": {"finance": "card iban account amount currency percent"},
    "choices": {"choices": "choice"},
    "health": {"health": "blood_type symptom"},
}


def paths() -> Iterator[tuple[str, str]]:
    """Each canonical name and the `module:function` it stands for."""
    for group, modules in CATALOGUE.items():
        for module, names in modules.items():
            for entry in names.split():
                name, _, function = entry.partition("=")
                yield f"{group}.{name}", f"hotfixture.generators.{module}:{function or name}"
