"""Secrets and people that tests plant, put together at run time so that no scanner takes this file for a leak."""

from __future__ import annotations

import base64
import json
from typing import Any

from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.transforms.masks.keys import MaskingKey

KEY = MaskingKey(bytes(range(32)))
OTHER_KEY = MaskingKey(bytes(range(1, 33)))
TOKEN = "aB3dE5fG" + "7hJ9kL1mN0pQ"
PASSWORD = "correct-horse-" + "battery"


def sanitiser(rules: Any = None) -> Sanitiser:
    """A new one, under the key of the tests."""
    return Sanitiser(KEY, rules)


def segment(value: Any) -> str:
    """One part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def jwt(claims: dict[str, Any]) -> str:
    """A token with a signature that nobody has made."""
    signature = "SflKxwRJSMeKKF2QT4fw" + "pMeJf36POk6yJV_adQssw5c"
    return f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(claims)}.{signature}"


SERVICE_TOKENS = tuple(
    start + rest
    for start, rest in (
        ("AKIA", "IOSFODNN7EXAMPLE"),
        ("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"),
        ("github_pat_", "11ABCDEFG0abcdefghijkl_0123456789abcdefghijklmnop"),
        ("glpat-", "zyXW9876vuTS5432rqPO"),
        ("xoxb-", "123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"),
        ("sk_live_", "4eC39HqLyjWDarjtT1zdp7dc"),
        ("sk_test_", "4eC39HqLyjWDarjtT1zdp7dd"),
        ("sk-proj-", "abcdEFGH1234ijklMNOP5678qrst"),
        ("AIza", "SyA1234567890abcdefghijklmnopqrstuv"),
        ("SG.", "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"),
        ("npm_", "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"),
        ("pypi-", "AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMAAC"),
        ("ya29.", "a0AfH6SMBx_1234567890abcdefghij"),
        ("hf_", "aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567"),
    )
)
