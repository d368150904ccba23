"""Which lane of the draws decides what. Generators of one family share lanes, so that equal draws agree.

One person: `first_name(d)`, `last_name(d)`, `email(d)` and `person(d)` describe the same one. One place: so do
`city(d)`, `postcode(d)` and `phone(d)`. The numbers are part of the promise of stable bytes: never renumber, only add.
"""

from __future__ import annotations

# Lanes 0 … 9 are every generator's own.
SEX = 10
FIRST_NAME = 11
LAST_NAME = 12
PREFIX = 13
BIRTH_DATE = 14
MAILBOX = 15
MAIL_DOMAIN = 16
UNIQUE = 17
PLACE = 30
STREET = 31
BUILDING = 32
POSTCODE = 33
SPOT = 34
PHONE = 35
COMPANY = 50
COMPANY_FORM = 51
JOB = 52
WORDS = 70
"""From here on one lane a word; nothing else may stand above it."""
