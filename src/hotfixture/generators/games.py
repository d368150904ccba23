"""Games: players, invented titles, characters and loot, dice, cards and chess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import is_phrase, phrase, phrases, phrases_possible
from hotfixture.generators.pools import members, pool, table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.several import distinct
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

game_genre = vocabulary("games.game_genre", "games/genre", doc="A genre of video games.")
game_platform = vocabulary("games.game_platform", "games/platform", doc="What a game is played on, without brands.")
game_mode = vocabulary("games.game_mode", "games/mode", doc="A way to play a game.")
character_class = vocabulary("games.character_class", "games/character_class", doc="What a character can do best.")
monster = vocabulary("games.monster", "games/monster", doc="A monster of a fantasy world.")
loot_rarity = weighted_vocabulary(
    "games.loot_rarity", "games/rarity", doc="How rare a find is; common ones are more common.", source="our own shares"
)

game_title = phrase(
    "games.game_title",
    "{games/title_adjective} {games/title_noun}",
    "{games/title_adjective} {games/title_noun} {2|3|4|II|III|IV|Remastered|Reborn|Origins|Online}",
    "{games/title_noun}: {games/title_adjective} {games/title_noun}",
    "{games/title_noun} of the {games/title_adjective} {games/title_noun}",
    doc="The invented title of a game.",
)
gamertag = phrase(
    "games.gamertag",
    "{games/tag_adjective}{games/tag_noun}{##}",
    "{games/tag_adjective}_{games/tag_noun}",
    "{games/tag_adjective}{games/tag_noun}",
    "x{games/tag_adjective}{games/tag_noun}x",
    "{games/tag_noun}{####}",
    doc="The name under which somebody plays.",
)
achievement = phrase(
    "games.achievement", "{games/achievement_start} {games/achievement_end}", doc="Something a player has achieved."
)
guild_name = phrase(
    "games.guild_name",
    "{games/guild_noun} of the {games/tag_adjective} {games/tag_noun}",
    "{games/guild_noun} of {games/quest_place}",
    "{games/tag_adjective} {games/guild_noun}",
    doc="The invented name of a guild.",
)
quest = phrase("games.quest", "{games/quest_verb} {games/quest_place}", doc="What a character is asked to do.")
_LOOT = ("{games/loot_adjective} {games/loot_thing} of {games/loot_of}", "{games/loot_adjective} {games/loot_thing}")
loot_name = phrase("games.loot_name", *_LOOT, doc="The name of something that a monster leaves behind.")
coin_side = phrase("games.coin_side", "{heads|tails}", doc="What a tossed coin shows.", source="a fair coin")
dice_notation = phrase(
    "games.dice_notation",
    "{1..10}d{4|6|8|10|12|20|100}",
    "{1..10}d{4|6|8|10|12|20|100}{+|-}{1..10}",
    doc="A roll of dice as role players write it: 3d6+2.",
    source="the notation of role-playing games",
)
game_score = quantity("games.game_score", 0, 1_000_000, doc="The points of a game.", least=0)

_RANKS, _SUITS = tuple("A23456789TJQK"), tuple("SHDC")
_RANK_NAMES = (
    "Ace", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Jack", "Queen", "King",
)  # fmt: skip
_SUIT_NAMES = ("Spades", "Hearts", "Diamonds", "Clubs")
_SIGNS = tuple("♠♥♦♣")
_DECKS = {
    "short": tuple(rank + suit for suit in _SUITS for rank in _RANKS),
    "symbol": tuple(rank.replace("T", "10") + suit for suit in _SIGNS for rank in _RANKS),
    "long": tuple(f"{rank} of {suit}" for suit in _SUIT_NAMES for rank in _RANK_NAMES),
}
_STYLE = Option("style", "choice", "short", "TH, 10♥ or Ten of Hearts.", choices=tuple(_DECKS))

card_suit = phrase(
    "games.card_suit", "{Spades|Hearts|Diamonds|Clubs}", doc="A suit of French cards.", source="the French deck"
)


@generator(
    "games.playing_card",
    options=(_STYLE,),
    source="the French deck of 52 cards",
    capacity=52,
    holds=lambda value, style: value in _DECKS[style],
)
def playing_card(draws: AnyDraws, *, style: str) -> Column:
    """A card of a deck."""
    return values.take(_DECKS[style], draws.lane(lanes.own("games.playing_card")).below(52))


def _is_hand(value: Any, cards: int) -> bool:
    found = value.split(" ")
    return len(set(found)) == len(found) == cards and set(found) <= set(_DECKS["short"])


@generator(
    "games.poker_hand",
    options=(Option("cards", "integer", 5, "How many cards.", low=1, high=13),),
    source="the French deck of 52 cards; every hand is equally likely",
    holds=_is_hand,
)
def poker_hand(draws: AnyDraws, *, cards: int) -> Column:
    """A hand of different cards: `AS KD TH 9C 2S`."""
    found = distinct(draws.lane(lanes.own("games.poker_hand")), 52, cards)
    return values.join(*(values.take(_DECKS["short"], card) for card in found), separator=" ")


@generator(
    "games.dice_roll",
    type="int64",
    options=(
        Option("dice", "integer", 1, "How many dice.", low=1, high=100),
        Option("sides", "integer", 6, "Sides of each.", low=2, high=1000),
    ),
    source="fair dice",
    capacity=lambda dice, sides: dice * (sides - 1) + 1,
    holds=lambda value, dice, sides: dice <= value <= dice * sides,
)
def dice_roll(draws: AnyDraws, *, dice: int, sides: int) -> Column:
    """The sum of a roll of dice."""
    lot = draws.lane(lanes.own("games.dice_roll"))
    total: Column = dice
    for die in range(dice):
        total = total + lot.lane(die).below(sides)
    return total


_FILES, _PIECES = "{a|b|c|d|e|f|g|h}", "{K|Q|R|B|N}"
chess_move = phrase(
    "games.chess_move",
    f"{_FILES}{{3|4|5|6}}",
    f"{_PIECES}{_FILES}{{1..8}}",
    f"{_PIECES}x{_FILES}{{1..8}}",
    f"{{Q|R|B|N}}{_FILES}{{1..8}}+",
    "{axb|bxa|bxc|cxb|cxd|dxc|dxe|exd|exf|fxe|fxg|gxf|gxh|hxg}{3|4|5|6}",
    f"{_FILES}8=Q",
    "{O-O|O-O-O}",
    doc="A move of chess in algebraic notation: in shape, of no game in particular.",
    source="FIDE Laws of Chess, Appendix C",
)
_POSITION = (
    "{games/chess_black_back}/{games/chess_black_pawns}/{games/chess_black_middle}/{games/chess_black_middle}/"
    "{games/chess_white_middle}/{games/chess_white_middle}/{games/chess_white_pawns}/{games/chess_white_back} "
    "{w|b} - - 0 {1..80}"
)


def _is_position(value: Any) -> bool:
    """Whether eight ranks have eight squares, each side one king and at most eight pawns, none of them at the ends."""
    board, *rest = value.split(" ")
    ranks = board.split("/")
    return (
        len(ranks) == 8
        and all(sum(int(sign) if sign.isdecimal() else 1 for sign in rank) == 8 for rank in ranks)
        and (board.count("k"), board.count("K")) == (1, 1)
        and max(board.count("p"), board.count("P")) <= 8
        and "p" not in (ranks[0] + ranks[7]).lower()
        and rest[0] in ("w", "b")
        and rest[1:4] == ["-", "-", "0"]
    )


@generator(
    "games.chess_position",
    source="Forsyth–Edwards Notation, PGN standard 16.1; right in shape, reached by no game in particular",
    capacity=lambda: phrases_possible(_POSITION),
    holds=_is_position,
)
def chess_position(draws: AnyDraws) -> Column:
    """A position of chess in Forsyth–Edwards Notation: one king a side, nobody may castle."""
    return values.ready(phrases(draws.lane(lanes.own("games.chess_position")), _POSITION))


def _loot_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [("name", pa.string()), ("rarity", pa.string())]
    return pa.struct([*texts, ("level", pa.int64()), ("value", pa.int64())])


def _is_loot(value: Any) -> bool:
    rarities = table("games/rarity")["value"].lines
    price, rank = value["level"] * 10, 2 ** rarities.index(value["rarity"])
    return bool(is_phrase(value["name"], *_LOOT) and 1 <= value["level"] <= 60 and price * rank <= value["value"])


@generator("games.loot_item", type=_loot_type, source="our own word lists", holds=_is_loot)
def loot_item(draws: AnyDraws) -> Column:
    """Something found: the rarer and the higher its level, the more it is worth."""
    lot = draws.lane(lanes.own("games.loot_item"))
    columns = table("games/rarity")
    sums = tuple(sum(columns["weight"].lines[: place + 1]) for place in range(len(columns["weight"])))
    rarity, level = values.weighted(draws.lane(lanes.own("games.loot_rarity")), sums), 1 + lot.lane(0).below(60)
    worth = values.lookup(tuple(2**rank for rank in range(len(sums))), rarity)
    return values.record(
        {
            "name": phrases(draws.lane(lanes.own("games.loot_name")), *_LOOT),
            "rarity": values.take(columns["value"], rarity),
            "level": level,
            "value": level * worth * (10 + lot.lane(1).below(10)),
        }
    )


def _player_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("gamertag", "character_class", "guild")]
    return pa.struct([*texts, *((name, pa.int64()) for name in ("level", "experience", "wins", "losses"))])


def _is_player(value: Any) -> bool:
    level = value["level"]
    return bool(
        gamertag.holds(value["gamertag"])
        and value["character_class"] in members("games/character_class")
        and guild_name.holds(value["guild"])
        and 100 * level * (level - 1) <= value["experience"] < 100 * level * (level + 1)
        and min(value["wins"], value["losses"]) >= 0
    )


@generator(
    "games.player", type=_player_type, source="a level asks for 100 · level · (level - 1) points", holds=_is_player
)
def player(draws: AnyDraws) -> Column:
    """A player: the points of experience are those of the level."""
    lot, classes = draws.lane(lanes.own("games.player")), pool("games/character_class")
    level, games = 1 + values.scaled(lot.lane(0), 1 + lot.lane(1).below(100)), lot.lane(2).below(2000)
    wins = values.scaled(lot.lane(3), games + 1)
    return values.record(
        {
            "gamertag": gamertag(draws),
            "character_class": values.take(classes, lot.lane(4).below(len(classes))),
            "guild": guild_name(draws),
            "level": level,
            "experience": 100 * level * (level - 1) + values.scaled(lot.lane(5), 200 * level),
            "wins": wins,
            "losses": games - wins,
        }
    )
