"""Files that exist nowhere: names, extensions, media types, sizes, paths, folders, permissions, devices."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, listed, matching, one, row_of
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool, table
from hotfixture.generators.records import Records

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = Records(
    "files/types",
    lane=lanes.own("files.file_type"),
    source="IANA Media Types; extensions in customary use",
    by=("kind", "extension"),
)
file_extension = _TYPES.column("files.file_extension", "extension", doc="How the name of a file ends, without its dot.")
mime_type = _TYPES.column(
    "files.mime_type", "mime", doc="The media type that belongs to the extension of the same draws."
)
file_kind = _TYPES.column(
    "files.file_kind", "kind", doc="What kind of file the extension of the same draws stands for."
)
file_type = _TYPES.record("files.file_type", "kind extension mime", doc="A type of file: kind, extension, media type.")
_BY = _TYPES.options


@cache
def _stem_ends() -> Pool:
    """What follows the first word of a name: nothing, a version, a number, a year."""
    years = [f"_{year}" for year in range(2015, 2025)]
    return Pool(["", "", *(f"_{number}" for number in range(1, 10)), "_v2", "_v3", "_final", "_copy", *years])


def _name(draws: AnyDraws, **options: str | None) -> tuple[Column, ...]:
    ends = _TYPES.at(_TYPES.index(draws, **options), "extension")
    return entry(draws.lane(0), pool("files/stem")), entry(draws.lane(1), _stem_ends()), ".", ends


def _is_name(value: Any, *, kind: str | None, extension: str | None) -> bool:
    stem, _, end = value.rpartition(".")
    types = table("files/types")
    fits = any(
        end == known and kind in (None, of_kind) and extension in (None, known)
        for of_kind, known in zip(types["kind"].lines, types["extension"].lines, strict=True)
    )
    return fits and any(stem.startswith(word) for word in members("files/stem"))


@generator("files.file_name", options=_BY, source="our own list of words", holds=_is_name, check=_TYPES.check)
def file_name(draws: AnyDraws, *, kind: str | None, extension: str | None) -> Column:
    """The name of a file; it ends with the extension of the same draws."""
    return values.join(*_name(draws, kind=kind, extension=extension))


_LARGEST = 1 << 40


@cache
def _octaves(low: int, high: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where each octave of the range begins, and how many sizes it has."""
    edges = sorted({low, *(1 << bit for bit in range(41) if low < 1 << bit <= high), high + 1})
    return tuple(edges[:-1]), tuple(end - start for start, end in pairwise(edges))


@generator(
    "files.file_size",
    type="int64",
    options=(
        Option("low", "integer", 100, "Smallest size in bytes.", low=0, high=_LARGEST),
        Option("high", "integer", 1 << 30, "Largest size in bytes, itself included.", low=0, high=_LARGEST),
    ),
    check=refuse_empty,
    source="every power of two of the range alike, so that small files are as frequent as large ones",
    holds=lambda value, low, high: low <= value <= high,
)
def file_size(draws: AnyDraws, *, low: int, high: int) -> Column:
    """The size of a file in bytes."""
    starts, sizes = _octaves(low, high)
    octave = draws.lane(0).below(len(starts))
    inside = draws.lane(1).unit() * values.lookup(sizes, octave)
    return values.lookup(starts, octave) + (int(inside) if isinstance(inside, float) else inside.astype("i8"))


_UNITS = ("B", "KB", "MB", "GB", "TB")


@generator(
    "files.file_size_text",
    source="decimal multiples as in ISO/IEC 80000-13, one decimal place",
    holds=matching(r"(0|[1-9]\d{0,2})(\.\d)? [KMGT]?B"),
)
def file_size_text(draws: AnyDraws) -> Column:
    """The size of a file as people read it."""
    whole, tenth = entry(draws.lane(0), counted(1, 999)), entry(draws.lane(1), counted(0, 9))
    return values.join(whole, ".", tenth, " ", entry(draws.lane(2), listed(*_UNITS[1:4])))


_ROOTS = {
    "unix": ("/home/", "/srv/", "/var/lib/", "/mnt/"),
    "mac": ("/Users/", "/Volumes/Data/", "/Users/Shared/"),
    "windows": ("C:\\Users\\", "D:\\", "C:\\Data\\"),
}
_SYSTEM = Option("system", "choice", "unix", "Whose paths.", choices=tuple(_ROOTS))
_DEPTH = Option("depth", "integer", 2, "How many folders follow the first one.", low=0, high=8)


def _folders(draws: AnyDraws, system: str, depth: int) -> list[Column]:
    between = "\\" if system == "windows" else "/"
    parts = [entry(draws.lane(0), listed(*_ROOTS[system])), entry(draws.lane(1), pool("computing/user_name"))]
    for place in range(depth):
        parts += [between, entry(draws.lane(2 + place), pool("files/folder"))]
    return parts


def _is_directory(value: Any, *, system: str, depth: int) -> bool:
    between = "\\" if system == "windows" else "/"
    root = next((root for root in sorted(_ROOTS[system], key=len, reverse=True) if value.startswith(root)), None)
    if root is None:
        return False
    first, *rest = value.removeprefix(root).split(between)
    return first in members("computing/user_name") and len(rest) == depth and set(rest) <= members("files/folder")


@generator("files.directory", options=(_SYSTEM, _DEPTH), source="the customs of each system", holds=_is_directory)
def directory(draws: AnyDraws, *, system: str, depth: int) -> Column:
    """The absolute path of a folder, without a separator at the end."""
    return values.join(*_folders(draws, system, depth))


def _is_path(value: Any, *, system: str, depth: int, kind: str | None, extension: str | None) -> bool:
    folder, _, name = value.rpartition("\\" if system == "windows" else "/")
    return _is_directory(folder, system=system, depth=depth) and _is_name(name, kind=kind, extension=extension)


def _check_path(*, system: str, depth: int, **by: str | None) -> None:  # noqa: ARG001 - every option is passed
    _TYPES.check(**by)


@generator(
    "files.file_path",
    options=(_SYSTEM, _DEPTH, *_BY),
    source="the customs of each system",
    holds=_is_path,
    check=_check_path,
)
def file_path(draws: AnyDraws, *, system: str, depth: int, kind: str | None, extension: str | None) -> Column:
    """The absolute path of a file: the folder and the name that the same draws give."""
    between = "\\" if system == "windows" else "/"
    return values.join(*_folders(draws, system, depth), between, *_name(draws, kind=kind, extension=extension))


_MODES = ("symbolic", "octal")


@generator(
    "files.permissions",
    options=(Option("notation", "choice", "symbolic", "-rw-r--r-- or 0644.", choices=_MODES),),
    source="POSIX.1-2017, ls and chmod; as often as they are seen, in round figures",
    holds=lambda value, notation: value in table("files/modes")[notation].lines,
)
def permissions(draws: AnyDraws, *, notation: str) -> Column:
    """The permissions of a file or folder."""
    return values.take(table("files/modes")[notation], row_of(draws.lane(0), "files/modes"))


@cache
def _devices(partition: bool) -> Pool:
    disks = [f"/dev/{kind}{letter}" for kind in ("sd", "vd", "xvd") for letter in "abcdefghijkl"]
    drives = [f"/dev/nvme{number}n1" for number in range(8)]
    if not partition:
        return Pool([*disks, *drives])
    return Pool([f"{d}{n}" for d in disks for n in range(1, 10)] + [f"{d}p{n}" for d in drives for n in range(1, 10)])


@generator(
    "files.device",
    options=(Option("partition", "boolean", False, "With the number of a partition."),),
    source="names of block devices of Linux",
    holds=lambda value, partition: value in _devices(partition).lines,
    capacity=lambda partition: len(_devices(partition)),
)
def device(draws: AnyDraws, *, partition: bool) -> Column:
    """The path of a disk."""
    return one(draws.lane(0), _devices(partition))


_TEXTS = ("name", "extension", "mime_type", "path", "permissions")


def _file_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([*((name, pa.string()) for name in _TEXTS), ("size", pa.int64())])


def _is_file(value: Any) -> bool:
    types = table("files/types")
    pairs = zip(types["extension"].lines, types["mime"].lines, strict=True)
    return (
        value["name"].endswith(f".{value['extension']}")
        and (value["extension"], value["mime_type"]) in set(pairs)
        and value["path"].endswith(f"/{value['name']}")
        and file_size.holds(value["size"])
        and permissions.holds(value["permissions"])
    )


@generator("files.file", type=_file_type, source="the generators of the single parts", holds=_is_file)
def file(draws: AnyDraws) -> Column:
    """A file whose parts agree; each is what the generator of its name makes of the same draws."""
    parts = {
        "name": file_name(draws),
        "extension": file_extension(draws),
        "mime_type": mime_type(draws),
        "path": file_path(draws),
        "permissions": permissions(draws),
        "size": file_size(draws),
    }
    return values.record(parts, type=_file_type)
