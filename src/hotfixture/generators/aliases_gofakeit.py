"""What gofakeit's functions are called and which generator means the same; options behind a name are its defaults."""

from __future__ import annotations

from collections.abc import Mapping

_SPEECH = {
    "noun": "common concrete abstract collective_people collective_animal collective_thing countable uncountable "
    "proper determiner",
    "verb": "action transitive intransitive linking helping",
    "adverb": "manner degree place time_definite time_indefinite frequency_definite frequency_indefinite",
    "preposition": "simple double compound",
    "adjective": "descriptive quantitative proper demonstrative possessive interrogative indefinite",
    "pronoun": "personal object possessive reflective demonstrative interrogative relative indefinite",
    "connective": "time comparative complaint listing casual examplify",
    "phrase": "noun verb adverb preposition",
}
_EMOJIS = (
    "flag animal food plant music vehicle sport face hand clothing landmark electronics game tools weather job person "
    "gesture costume"
)
_ERRORS = "database grpc http http_client http_server input object runtime validation"

GOFAKEIT: Mapping[str, str] = {
    # generator, with options where it needs some: functions of gofakeit
    "files.mime_type": "FileMimeType",
    "commerce.promotion": "ProductPromotion",
    "people.nationality": "Ethnicity",
    "people.language_code": "LanguageAbbreviation",
    "places.locale_code": "LanguageBCP",
    "places.latitude": "LatitudeInRange",
    "places.longitude": "LongitudeInRange",
    "places.direction": "StreetPrefix",
    "internet.social_handle": "SocialMedia",
    "internet.slug": "UrlSlug",
    "internet.domain": "DomainName",
    "internet.tld": "DomainSuffix",
    "internet.ipv4": "IPv4Address",
    "internet.ipv6": "IPv6Address",
    "internet.http_status": "HTTPStatusCode HTTPStatusCodeSimple",
    "internet.browser_agent browser=script": "APIUserAgent",
    "internet.browser_agent browser=chrome": "ChromeUserAgent",
    "internet.browser_agent browser=firefox": "FirefoxUserAgent",
    "internet.browser_agent browser=opera": "OperaUserAgent",
    "internet.browser_agent browser=safari": "SafariUserAgent",
    "internet.emoji_description": "EmojiTag",
    "colours.colour_name": "Color",
    "colours.hex_colour": "HexColor NiceColors",
    "colours.rgb_colour form=plain": "RGBColor",
    "colours.basic_colour": "SafeColor",
    "times.past": "PastDate PastTime",
    "times.future": "FutureDate FutureTime",
    "times.time": "TimeRange",
    "times.month_name": "MonthString",
    "times.day_of_month": "Day",
    "times.time_zone": "TimeZoneFull TimeZoneRegion",
    "times.utc_offset": "TimeZoneOffset",
    "choices.choice values=UTC,GMT,CET,EET,EST,CST,MST,PST,JST,IST,AEST,BRT": "TimeZoneAbv",
    "numbers.integer low=0 high=23": "Hour",
    "numbers.integer low=0 high=59": "Minute Second",
    "numbers.integer low=0 high=999999999": "NanoSecond",
    "numbers.integer": "Number IntN IntRange UintN UintRange",
    "numbers.uint64": "Uint",
    "numbers.float": "Float32 Float32Range Float64 Float64Range",
    "numbers.hexadecimal prefix=true": "HexUint",
    "choices.choice": "Weighted RandomUint RandomString",
    "choices.choice values=a,e,i,o,u": "Vowel",
    "text.string alphabet=digits": "DigitN",
    "text.string alphabet=letters": "LetterN",
    "text.conjunction": "Connective",
    "text.lorem_word": "LoremIpsumWord",
    "text.lorem_sentence": "LoremIpsumSentence",
    "text.lorem_paragraph": "LoremIpsumParagraph",
    "text.part_of_speech kind=hipster": "HipsterWord",
    "it.abbreviation": "HackerAbbreviation",
    "it.semantic_version": "AppVersion",
    "it.programming_language": "ProgrammingLanguageBest",
    "business.company": "AppAuthor",
    "business.mission_statement": "Blurb",
    **{
        f"text.part_of_speech kind={part}_{kind}": f"{part}_{kind}"
        for part in _SPEECH
        for kind in _SPEECH[part].split()
    },
    **{f"internet.emoji_of_category category={kind}": f"Emoji{kind}" for kind in _EMOJIS.split()},
    **{f"it.error kind={kind}": f"Error{kind}" for kind in _ERRORS.split()},
}
