"""Names of keys are compared by their words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hotfixture.capture.sanitising.keys import HIDDEN, PERSONAL, bare, is_people, kind_of

KEPT = (
    "monkey", "keyboard", "turkey", "hockey", "prompt_token_count", "promptTokenCount", "next_page_token",
    "nextPageToken", "pageToken", "cursor", "tokens", "max_tokens", "maxTokens", "total_tokens", "keys",
    "cache_key", "primary_key", "publicKey", "token_type", "tokenType", "expires_in", "token_expires_in",
    "password_policy", "compass", "passenger", "author", "tokenizer", "token_count", "stop_token",
    "content-length", "x-request-id", "user-agent", "etag", "via", "secretary", "passive", "keynote", "monkeys",
    "sessions", "assignment", "designation",
)  # fmt: skip
SECRET = (
    "Authorization", "authorization", "Proxy-Authorization", "set-cookie", "Set-Cookie", "cookie", "Cookie", "pwd",
    "PWD", "password", "passwd", "passphrase", "X-Custom-Token", "x-api-key", "X-API-Key", "apiKey", "api_key",
    "APIKEY", "apikey", "client_secret", "clientSecret", "access_token", "accessToken", "refresh_token",
    "id_token", "private_key", "privateKey", "session_id", "sessionId", "signature", "otp", "userPassword",
    "db_password", "DB_PASSWORD", "password2", "new-password", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY",
    "secretKey", "X-Amz-Signature", "X-Goog-Api-Key", "x-csrf-token", "csrfToken", "jwt", "bearer_token",
    "webhookSecret", "_password", "connection_string",
)  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_a_name_that_only_looks_like_a_secrets_is_kept(name: str) -> None:
    """case 17"""
    assert kind_of(name) not in HIDDEN


@pytest.mark.parametrize("name", SECRET)
def test_the_name_of_a_secret_is_known_however_it_is_spelled(name: str) -> None:
    """case 17"""
    assert kind_of(name) == "secret"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cvv", "card_code"), ("cardCode", "card_code"), ("ssn", "national_id"), ("nationalId", "national_id"),
        ("email", "email"), ("customerEmail", "email"), ("first_name", "first_name"), ("firstName", "first_name"),
        ("phoneNumber", "phone"), ("iban", "iban"), ("creditCardNumber", "card"), ("shipping_address", "street"),
    ],
)  # fmt: skip
def test_what_belongs_to_people_has_its_class(name: str, kind: str) -> None:
    assert kind_of(name) == kind
    assert kind in HIDDEN | PERSONAL


def test_display_names_are_somebodys_only_where_people_are() -> None:
    assert not kind_of("displayName")
    assert bare("displayName") == "full_name"


def test_name_is_a_persons_only_where_people_are() -> None:
    assert is_people("user")
    assert is_people("billingContacts")
    assert not is_people("product")
    assert bare("name") == "full_name"
    assert not kind_of("name")


def test_names_are_told_without_numpy_and_arrow() -> None:
    """What records starts a process for each program: neither is wanted until somebody's name needs a mask."""
    code = (
        "import sys, hotfixture.capture.scribe\n"
        "from hotfixture.capture.sanitising.sanitiser import Sanitiser\n"
        "from hotfixture.transforms.masks.keys import MaskingKey\n"
        "one = Sanitiser(MaskingKey(bytes(32)), {'environment': False, 'hide': ['ref']})\n"
        "made = one.value({'Order-Number': 'x', 'access_token': 'aB3dE5fG7hJ9kL1m', 'ref': 'abcdefgh'})\n"
        "assert 'aB3dE5fG7hJ9kL1m' not in str(made)\n"
        "print(sorted({'numpy', 'pyarrow'} & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
