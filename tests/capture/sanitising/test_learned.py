"""What was learned is found again, however it is spelled, in the company of however many others."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.sanitising.learned import COMMON, FEW, Learned

SECRETS = st.text(min_size=8, max_size=30).filter(
    lambda text: len(set(text)) >= 4 and len(text.encode("utf-8", "surrogatepass")) >= 8 and text.lower() not in COMMON
)


@given(st.lists(SECRETS, min_size=1, max_size=3 * FEW, unique=True), st.text(max_size=10), st.data())
def test_no_spelling_of_a_secret_is_left(secrets: list[str], around: str, data: st.DataObject) -> None:
    learned = Learned()
    for number, secret in enumerate(secrets):
        learned.add(secret, f"\u2588{number}\u2588")
    one = data.draw(st.sampled_from(secrets))
    if not len(learned):
        return
    for spelled in (one, json.dumps(one)[1:-1], quote(one, safe="", errors="surrogatepass")):
        made = learned.text(f"{around} {spelled} {around}")
        assert spelled not in made or spelled in around or _in_surrogate(spelled)


def _in_surrogate(text: str) -> bool:
    return set(text) <= set("\u25880123456789")


@given(st.text(min_size=8, max_size=17).filter(lambda text: len(set(text)) >= 4 and len(text.encode()) <= 17),
       st.binary(max_size=5), st.sampled_from([b64encode, urlsafe_b64encode]))  # fmt: skip
def test_a_short_secret_is_found_in_base64_whatever_stands_before_it(
    secret: str, before: bytes, encode: Callable[[bytes], bytes]
) -> None:
    """Case 16: `user:password` of a few characters."""
    learned = Learned()
    learned.add(secret, "5k1p7d2mq9x3z8w4")
    if not len(learned):
        return
    packed = encode(before + secret.encode()).decode()
    made = learned.text(f"a {packed} b")
    text = urlsafe_b64decode(made.split()[1].replace("+", "-").replace("/", "_"))
    assert (len(text), text.startswith(before)) == (len(before + secret.encode()), True)
    assert secret.encode() not in text


def test_a_number_or_a_word_is_no_part_of_a_longer_one() -> None:
    learned = Learned()
    learned.add("48291377", "00000000")
    learned.add("swordfish", "cucumbers")
    text = "148291377 48291377 x48291377 swordfishing swordfish"
    assert learned.text(text) == "148291377 00000000 x48291377 swordfishing cucumbers"


def test_a_text_without_any_is_the_same_object() -> None:
    learned = Learned()
    learned.add("a-secret-thing", "x" * 8)
    text = "nothing of the kind" * 10
    data = text.encode()
    assert learned.text(text) is text
    assert learned.replaced(data) is data


def test_short_and_common_texts_are_not_learned() -> None:
    learned = Learned()
    for text in ("short", "password", "Undefined", "aaaaaaaaaaaa"):
        learned.add(text, "surrogate")
    assert not len(learned)


def test_a_thousand_secrets_do_not_take_a_hundred_times_what_ten_take() -> None:
    import time

    data = b"some text of the usual kind " * 4000
    took = []
    for many in (10, 1000):
        learned = Learned()
        for number in range(many):
            learned.add(f"secret-number-{number:06d}-end"[::-1], "s" * 16)
        start = time.perf_counter()
        for _ in range(5):
            assert not learned.stands_in(data)
        took.append(time.perf_counter() - start)
    assert took[1] < 20 * took[0] + 0.05


@given(st.lists(SECRETS, min_size=1, max_size=FEW, unique=True), st.lists(st.integers(0, 2 * FEW), max_size=12))
def test_few_are_found_where_they_are_found_among_many(secrets: list[str], order: list[int]) -> None:
    pieces = [*secrets, *(secret[: 5 + len(secret) // 2] for secret in secrets)]
    few, many = Learned(), Learned()
    for number, secret in enumerate(secrets):
        few.add(secret, f"\u2588{number}")
        many.add(secret, f"\u2588{number}")
    for number in range(3 * FEW):
        many.add(f"no text has this {number}", "-")
    text = "".join(pieces[number % len(pieces)] for number in order)
    assert few.text(text) == many.text(text)
