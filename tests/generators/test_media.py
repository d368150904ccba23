"""Books, films, music, pictures."""

from __future__ import annotations

from math import gcd

from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table


def test_sizes_of_pictures_have_the_ratio_they_say():
    columns = table("media/resolution")
    for name, wide, high, ratio in zip(*(columns[each].lines for each in columns), strict=True):
        exact = (wide // gcd(wide, high), high // gcd(wide, high))
        left, right = map(int, ratio.split(":"))
        assert abs(left / right - exact[0] / exact[1]) < 0.002, name


def test_upright_pictures_are_higher_than_wide():
    photos = agreed("media.photo", count=300)
    assert all((photo["height"] > photo["width"]) == (photo["orientation"] == 6) for photo in photos)
    assert 40 < sum(photo["orientation"] == 6 for photo in photos) < 120


def test_films_are_rated_by_whom_one_asks():
    assert set(agreed("media.age_rating", count=200, system="pegi")) == {f"PEGI {age}" for age in (3, 7, 12, 16, 18)}


def test_single_columns_agree_with_the_book_of_the_same_draws():
    draws = Draws.from_rows(1, "books", 0, 100)
    books = find("media.book")(draws).to_pylist()
    for name, field in (("book_title", "title"), ("author", "author"), ("book_genre", "genre"), ("isbn13", "isbn13")):
        assert find(name)(draws).to_pylist() == [book[field] for book in books]
