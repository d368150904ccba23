"""Which lane of the draws decides what. Generators of one family share lanes, so that equal draws agree.

One person: `first_name(d)`, `last_name(d)`, `email(d)` and `person(d)` describe the same one. One place: so do
`city(d)`, `postcode(d)` and `phone(d)`. The numbers are part of the promise of stable bytes: never renumber, only add.
"""

from __future__ import annotations

from functools import cache

# Lanes 0 … 9 are every generator's own.
SEX = 10
FIRST_NAME = 11
LAST_NAME = 12
BIRTH_DATE = 14
MAILBOX = 15
MAIL_DOMAIN = 16
UNIQUE = 17
JOB = 18

AIRPORT = 20
AIRPORT_TO = 21
AIRLINE = 22
AIRCRAFT = 23
VEHICLE = 24
MERCHANT_CATEGORY = 25
MEDICATION = 26
VITALS = 27
PORT = 28
LAB_TEST = 29

PLACE = 30
STREET = 31
BUILDING = 32
POSTCODE = 33
NORTH = 34
EAST = 35
PHONE = 36
COUNTRY = 37

CONDITION = 40
CURRENCY = 41

COMPANY_SHAPE = 50
COMPANY_NAME = 51
COMPANY_PARTNER = 52
COMPANY_TRADE = 53
COMPANY_FORM = 54
SITE = 55
SITE_PATH = 56

WORDS = 70
"""From here on one lane a word; only the lanes of names stand higher."""


@cache
def own(name: str) -> int:
    """The lane that belongs to one name, above all words of any text.

    Generators that draw from it are independent of each other when they are given the same draws, so that a record may
    hold what each of them makes of the record's draws.
    """
    from zlib import crc32

    return 1 << 32 | crc32(name.encode())
