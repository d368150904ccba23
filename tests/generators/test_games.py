"""Games."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.generators.agreement import agreed

from hotfixture.generators import find
from hotfixture.generators.pools import pool


def test_two_dice_come_as_often_as_two_dice_do():
    counts = Counter(agreed("games.dice_roll", count=36_000, dice=2))
    assert set(counts) == set(range(2, 13))
    assert 5_700 < counts[7] < 6_300
    assert 880 < counts[12] < 1_120


def test_a_hand_holds_no_card_twice():
    for hand in agreed("games.poker_hand", count=300, cards=13):
        assert len(set(hand.split(" "))) == 13


@pytest.mark.parametrize(("style", "card"), [("short", "TH"), ("symbol", "10♥"), ("long", "Ten of Hearts")])
def test_cards_are_written_as_asked(style, card):
    assert card in agreed("games.playing_card", count=1_000, style=style)


@pytest.mark.parametrize("colour", ["black", "white"])
def test_ranks_of_chess_have_eight_squares(colour):
    """Whatever is put together from them has one king a side and at most eight pawns."""
    for kind, most in (("back", 0), ("pawns", 4), ("middle", 2)):
        for rank in pool(f"games/chess_{colour}_{kind}").lines:
            assert sum(int(sign) if sign.isdecimal() else 1 for sign in rank) == 8
            assert rank.lower().count("k") == (kind == "back")
            assert rank.lower().count("p") <= most
            assert rank == (rank.upper() if colour == "white" else rank.lower())


def test_a_board_with_two_kings_of_a_side_is_no_position():
    made = find("games.chess_position")
    assert made.holds("4k3/8/8/8/8/8/8/4K3 w - - 0 1")
    for wrong in ("4k3/8/8/8/8/8/8/3KK3 w - - 0 1", "4k3/8/8/8/8/8/8/4K2 w - - 0 1", "4k2p/8/8/8/8/8/8/4K3 w - - 0 1"):
        assert not made.holds(wrong)


def test_rarer_finds_are_worth_more():
    worth: dict[str, list[float]] = {}
    for item in agreed("games.loot_item", count=3_000):
        worth.setdefault(item["rarity"], []).append(item["value"] / item["level"])
    means = [sum(worth[each]) / len(worth[each]) for each in ("common", "uncommon", "rare", "epic", "legendary")]
    assert means == sorted(means)


def test_experience_is_that_of_the_level():
    for player in agreed("games.player", count=300):
        level = player["level"]
        assert 1 <= level <= 100
        assert 100 * level * (level - 1) <= player["experience"] < 100 * level * (level + 1)
