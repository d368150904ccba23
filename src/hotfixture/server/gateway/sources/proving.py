"""Masked files, proven before they are sent: made aside, scanned for originals, then read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hotfixture.errors import LeakError
from hotfixture.plans.masked_files import FileMasks
from hotfixture.plans.witness import Maskers
from hotfixture.transforms.scan import Originals

if TYPE_CHECKING:
    from hotfixture.files.volumes import Volume
    from hotfixture.transforms.masks import MaskingKey
    from hotfixture.transforms.policy import Policy
    from hotfixture.wire.sources import Listed

MOST = 64 << 20
"""Bytes of a file up to which it is proven; larger ones are sent while they are masked, for nobody waits so long."""
_PIECE = 1 << 20


def proven(policy: Policy, key: MaskingKey, place: str, file: Listed, volume: Volume) -> tuple[int, Iterator[bytes]]:
    """The size and the pieces of a file of the volume `place`, as the policy lets it pass.

    RefusedError as `FileMasks.masked`; LeakError where an original that a mask replaced stands elsewhere in the file.
    """
    folder = TemporaryDirectory(prefix="hotfixture-file-")
    try:
        path = Path(folder.name) / "file"
        with Originals(expected=max(file.size // 64, 1 << 12)) as originals, path.open("wb") as made:
            masks = FileMasks(policy, Maskers(key, originals), shown=Path(folder.name) / "inside")
            made.writelines(masks.masked(place, file.name, volume.read(file.name)))
            made.flush()
            files = [found for found in Path(folder.name).rglob("*") if found.is_file()]
            if originals.scan(Path(folder.name), files):
                hint = "Its rule must mask all places where such values stand."
                raise LeakError(f"{place}:{file.name}: originals of what is masked stand elsewhere in it", hint=hint)
        return path.stat().st_size, _read(path, folder)
    except BaseException:
        folder.cleanup()
        raise


def _read(path: Path, folder: TemporaryDirectory[str]) -> Iterator[bytes]:
    """The pieces; the folder goes with the last of them, or when nobody reads on."""
    with folder, path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
