"""Books, films, music, programmes and news, all invented; and the technical facts of recordings and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, people, values
from hotfixture.generators.article_numbers import isbn13
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.moments import at_second
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import phrase
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

book_genre = vocabulary("media.book_genre", "media/book_genre", doc="A genre of books.")
book_format = vocabulary("media.book_format", "media/book_format", doc="How a book is bound, printed or read.")
movie_genre = vocabulary("media.movie_genre", "media/movie_genre", doc="A genre of films.")
music_genre = vocabulary("media.music_genre", "media/music_genre", doc="A genre of music.")
instrument = vocabulary("media.instrument", "media/instrument", doc="A musical instrument.")
video_codec = vocabulary("media.video_codec", "media/video_codec", doc="A way to compress moving pictures.")
audio_codec = vocabulary("media.audio_codec", "media/audio_codec", doc="A way to compress sound.")

_RESOLUTIONS = Records(
    "media/resolution", lane=lanes.own("media.resolution"), source="names in common use for sizes of pictures"
)
resolution = _RESOLUTIONS.column("media.resolution", "name", doc="The name of a size of pictures: Full HD.")
aspect_ratio = _RESOLUTIONS.column("media.aspect_ratio", "aspect_ratio", doc="Width to height of the same size.")
picture_size = _RESOLUTIONS.record(
    "media.picture_size", "name width height aspect_ratio", doc="A size of pictures in pixels, with its name."
)

book_title = phrase(
    "media.book_title",
    "The {media/book_adjective} {media/book_noun}",
    "The {media/book_noun} of {media/book_place}",
    "A {media/book_noun} in {media/book_place}",
    "The {media/book_noun}'s {media/book_noun}",
    "Tales of {media/book_place}",
    "The {media/book_noun} and the {media/book_adjective} {media/book_noun}",
    doc="The invented title of a book.",
)
book_series = phrase(
    "media.book_series",
    "The {media/book_noun} {Chronicles|Cycle|Mysteries|Quartet|Saga|Trilogy}",
    "The {media/book_noun} of {media/book_place} {Novels|Series|Trilogy}",
    doc="The invented name of a series of books.",
)
publisher = phrase(
    "media.publisher",
    "{media/publisher_word} {Books|Press|Publishing|Editions|House|Verlag}",
    doc="The invented name of a publishing house.",
)
movie_title = phrase(
    "media.movie_title",
    "{media/movie_word}",
    "{media/movie_phrase}",
    "{media/movie_word} {2|II|III|Reloaded|Returns|Forever|Rising}",
    "{media/movie_word}: {media/movie_phrase}",
    "The {media/book_adjective} {media/book_noun}",
    doc="The invented title of a film.",
)
song_title = phrase(
    "media.song_title",
    "{media/song_word}",
    "{media/song_line}",
    "{media/song_word} {media/song_word}",
    "{media/song_word} ({media/song_line})",
    doc="The invented title of a song.",
)
band_name = phrase(
    "media.band_name",
    "The {media/band_adjective} {media/band_noun}",
    "{media/band_adjective} {media/band_noun}",
    "The {media/band_noun}",
    doc="The invented name of a band.",
)
album_title = phrase(
    "media.album_title",
    "{media/song_word}",
    "{media/song_word} & {media/song_word}",
    "Songs for {media/band_adjective} {media/band_noun}",
    "Live at {media/show_place}",
    "The {media/song_word} {Sessions|Tapes|EP|Variations|Years}",
    doc="The invented title of an album.",
)
tv_show = phrase("media.tv_show", "{media/show_frame} {media/show_place}", doc="The invented title of a series.")
podcast_title = phrase(
    "media.podcast_title",
    "The {media/podcast_topic} {media/podcast_form}",
    "{media/podcast_topic} {media/podcast_form}",
    doc="The invented title of a podcast.",
)
headline = phrase(
    "media.headline",
    "{media/headline_actor} {media/headline_act} {media/headline_object}",
    "{media/headline_actor} {media/headline_act} {media/headline_object} {media/headline_tail}",
    doc="The headline of news that never happened.",
)
episode_code = phrase(
    "media.episode_code",
    "S{01..20}E{01..24}",
    doc="Season and episode of a series: S02E07.",
    source="the spelling that media libraries use",
)

_RATES = (23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 59.94, 60.0, 90.0, 100.0, 119.88, 120.0)


@generator(
    "media.frame_rate",
    type="float64",
    source="rates of film, of television (SMPTE, EBU) and of screens",
    capacity=len(_RATES),
    holds=lambda value: value in _RATES,
)
def frame_rate(draws: AnyDraws) -> Column:
    """Pictures a second."""
    return values.take(_RATES, draws.lane(lanes.own("media.frame_rate")).below(len(_RATES)))


RATINGS: Mapping[str, tuple[str, ...]] = {
    "us": ("G", "PG", "PG-13", "R", "NC-17"),
    "uk": ("U", "PG", "12A", "15", "18"),
    "de": ("FSK 0", "FSK 6", "FSK 12", "FSK 16", "FSK 18"),
    "pegi": ("PEGI 3", "PEGI 7", "PEGI 12", "PEGI 16", "PEGI 18"),
}


@generator(
    "media.age_rating",
    options=(Option("system", "choice", "us", "Who rates.", choices=tuple(RATINGS)),),
    source="the classes of the Motion Picture Association, the BBFC, the FSK and PEGI",
    capacity=5,
    holds=lambda value, system: value in RATINGS[system],
)
def age_rating(draws: AnyDraws, *, system: str) -> Column:
    """Whom a film or a game is meant for."""
    return values.take(RATINGS[system], draws.lane(lanes.own("media.age_rating")).below(5))


_FIRST_DAY, _DAYS = values.days_of(date(1950, 1, 1)), (date(2025, 1, 1) - date(1950, 1, 1)).days


def _published(lot: AnyDraws) -> Column:
    return values.date_at(_FIRST_DAY + lot.below(_DAYS))


def _is_published(value: Any) -> bool:
    return bool(date(1950, 1, 1) <= value < date(2025, 1, 1))


def _name(lot: AnyDraws) -> Column:
    return people.full_names(lot, "en", "any")


def _is_name(value: Any) -> bool:
    return people.full_name.holds(value)


def _book_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("title", "author", "genre", "publisher", "isbn13")]
    return pa.struct([*texts, ("pages", pa.int64()), ("published_on", pa.date32())])


def _is_book(value: Any) -> bool:
    return (
        book_title.holds(value["title"])
        and _is_name(value["author"])
        and book_genre.holds(value["genre"])
        and publisher.holds(value["publisher"])
        and isbn13.holds(value["isbn13"])
        and 40 <= value["pages"] < 1000
        and _is_published(value["published_on"])
    )


@generator("media.book", type=_book_type, source="the generators of the single parts; 1950 to 2024", holds=_is_book)
def book(draws: AnyDraws) -> Column:
    """A book that nobody wrote."""
    lot = draws.lane(lanes.own("media.book"))
    return values.record(
        {
            "title": book_title(draws),
            "author": _name(draws),
            "genre": book_genre(draws),
            "publisher": publisher(draws),
            "isbn13": isbn13(draws),
            "pages": 40 + values.scaled(lot.lane(0), 60 + lot.lane(1).below(900)),
            "published_on": _published(lot.lane(2)),
        }
    )


def _movie_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("title", "genre", "director", "rating")]
    return pa.struct([*texts, ("minutes", pa.int64()), ("released_on", pa.date32())])


def _is_movie(value: Any) -> bool:
    return (
        movie_title.holds(value["title"])
        and movie_genre.holds(value["genre"])
        and _is_name(value["director"])
        and age_rating.holds(value["rating"])
        and 75 <= value["minutes"] < 200
        and _is_published(value["released_on"])
    )


@generator("media.movie", type=_movie_type, source="the generators of the single parts; 1950 to 2024", holds=_is_movie)
def movie(draws: AnyDraws) -> Column:
    """A film that nobody made."""
    lot = draws.lane(lanes.own("media.movie"))
    return values.record(
        {
            "title": movie_title(draws),
            "genre": movie_genre(draws),
            "director": _name(draws),
            "rating": age_rating(draws),
            "minutes": 75 + values.scaled(lot.lane(0), 25 + lot.lane(1).below(101)),
            "released_on": _published(lot.lane(2)),
        }
    )


def _song_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("title", "artist", "album", "genre")]
    return pa.struct([*texts, ("track", pa.int64()), ("seconds", pa.int64()), ("released_on", pa.date32())])


def _is_song(value: Any) -> bool:
    return (
        song_title.holds(value["title"])
        and band_name.holds(value["artist"])
        and album_title.holds(value["album"])
        and music_genre.holds(value["genre"])
        and 1 <= value["track"] <= 14
        and 120 <= value["seconds"] < 420
        and _is_published(value["released_on"])
    )


@generator("media.song", type=_song_type, source="the generators of the single parts; 1950 to 2024", holds=_is_song)
def song(draws: AnyDraws) -> Column:
    """A song that nobody sang."""
    lot = draws.lane(lanes.own("media.song"))
    return values.record(
        {
            "title": song_title(draws),
            "artist": band_name(draws),
            "album": album_title(draws),
            "genre": music_genre(draws),
            "track": 1 + lot.lane(0).below(14),
            "seconds": 120 + values.scaled(lot.lane(1), 60 + lot.lane(2).below(241)),
            "released_on": _published(lot.lane(3)),
        }
    )


_EXPOSURES = ("1/4000", "1/2000", "1/1000", "1/500", "1/250", "1/125", "1/60", "1/30", "1/15", "1/8")
_STOPS = (1.4, 1.8, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0)
_SPEEDS = (100, 200, 400, 800, 1600, 3200, 6400)
_FOCAL = (14, 18, 24, 28, 35, 50, 70, 85, 105, 135, 200, 300)
_SIDES = ((6000, 4000), (4608, 3456), (5472, 3648), (4000, 3000))
_FROM, _SECONDS = 1_420_070_400, 315_619_200  # 2015-01-01 to 2025-01-01, in seconds since 1970


def _photo_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    sizes = [("width", pa.int64()), ("height", pa.int64()), ("orientation", pa.int64())]
    lens = [("exposure_time", pa.string()), ("f_number", pa.float64()), ("iso", pa.int64())]
    head = [("file_name", pa.string()), ("taken_at", pa.timestamp("us")), ("camera", pa.string())]
    return pa.struct([*head, *sizes, *lens, ("focal_length_mm", pa.int64())])


def _is_photo(value: Any) -> bool:
    upright = value["orientation"] == 6
    sides = (value["width"], value["height"])
    return (
        value["file_name"].startswith("IMG_")
        and value["orientation"] in (1, 6)
        and (sides[::-1] if upright else sides) in _SIDES
        and value["exposure_time"] in _EXPOSURES
        and value["f_number"] in _STOPS
        and value["iso"] in _SPEEDS
        and value["focal_length_mm"] in _FOCAL
        and 2015 <= value["taken_at"].year <= 2024
    )


def _cameras(lot: AnyDraws) -> Column:
    makers, models = ("Albra", "Fenox", "Luminor", "Orlan", "Tessary"), ("X1", "X2", "S5", "S7 II", "M10", "V3")
    return values.join(values.take(makers, lot.lane(0).below(5)), " ", values.take(models, lot.lane(1).below(6)))


@generator("media.photo", type=_photo_type, source="the tags of Exif 2.32; cameras are invented", holds=_is_photo)
def photo(draws: AnyDraws) -> Column:
    """What a camera writes into a picture; upright pictures (orientation 6) are higher than wide."""
    lot = draws.lane(lanes.own("media.photo"))
    side, upright = lot.lane(0).below(len(_SIDES)), lot.lane(1).below(4) == 0
    wide, high = (values.lookup(tuple(sides[end] for sides in _SIDES), side) for end in (0, 1))

    def one(lane: int, entries: tuple[Any, ...]) -> Column:
        return values.take(entries, lot.lane(lane).below(len(entries)))

    return values.record(
        {
            "file_name": values.join("IMG_", values.padded(lot.lane(2).below(10_000), 4), ".JPG"),
            "taken_at": at_second(_FROM + lot.lane(3).below(_SECONDS)),
            "camera": _cameras(lot.lane(4)),
            "width": values.where(upright, high, wide),
            "height": values.where(upright, wide, high),
            "orientation": values.where(upright, 6, 1),
            "exposure_time": one(5, _EXPOSURES),
            "f_number": one(6, _STOPS),
            "iso": one(7, _SPEEDS),
            "focal_length_mm": one(8, _FOCAL),
        }
    )
