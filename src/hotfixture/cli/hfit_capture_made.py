"""`hfit capture convert` and `serve`: recordings for other tools, mocks for other languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfixture.cli import output
from hotfixture.cli.hfit_capture import found

if TYPE_CHECKING:
    from hotfixture.capture.mocks import Mocks
    from hotfixture.capture.sanitising.sanitiser import Sanitiser

FORMS = click.Choice(["har", "mocks", "openapi", "session", "vcr", "wiremock"])
_BY_ENDING = {".har": "har", ".yaml": "vcr", ".yml": "vcr"}


def _sanitiser() -> Sanitiser:
    from hotfixture import settings
    from hotfixture.capture.sanitising.sanitiser import Sanitiser
    from hotfixture.transforms.masks.keys import MaskingKey

    secret, _ = settings.masking_key(settings.load(), say=output.say)
    return Sanitiser(MaskingKey(secret))


@click.command(short_help="Turn a recording into another tool's format, or the other way round.")
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "given", type=FORMS, help="What SOURCE is; told by itself where it can be.")
@click.option("--to", "wanted", type=FORMS, help="What TARGET shall be; .har and .yaml (a cassette) say it themselves.")
@click.pass_obj
def convert(directory: Path, source: str, target: Path, given: str | None, wanted: str | None) -> None:
    """Turn a recording into another tool's format, or the other way round.

    SOURCE is a session (a path, an id, `latest`) or a file: a HAR file, a cassette of VCR.py, WireMock mappings, an
    OpenAPI description, mocks. What is read from other tools is cleaned as a recording is.
    """
    from hotfixture.capture import formats

    form = wanted or _BY_ENDING.get(target.suffix.lower())
    if form is None:
        raise click.UsageError(f"{target}: say --to: {', '.join(FORMS.choices)}")
    interactions = list(formats.read(found(source, directory), _sanitiser(), form=given or ""))
    for sentence in formats.FORMATS.find(form).write(interactions, target):
        output.say(f"not carried over: {sentence}")
    output.say(f"{target}: {output.counted(len(interactions), 'interaction')} read")


@click.command(short_help="Answer HTTP requests from mocks.")
@click.argument("mocks")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=9000, show_default=True, help="0 takes a free one.")
@click.pass_obj
def serve(directory: Path, mocks: str, host: str, port: int) -> int:
    """Answer HTTP requests from MOCKS: a file of mocks, or any recording, that is made into mocks first.

    Where mocks are of several services, the header X-Mock-Service says which is meant. /__hotfixture/calls tells what
    was asked. Exits with 1 where something was asked that no mock answers.
    """
    from hotfixture.capture import serving

    server = serving.MockServer(_mocks(found(mocks, directory)), _sanitiser())
    count = len(server.mocks)
    serving.serve(
        server, host=host, port=port,
        ready=lambda taken: output.say(f"{output.counted(count, 'mock')} at {_address(host, taken)}"),
    )  # fmt: skip
    output.say(f"{server.answered:,} answered, {server.missed:,} without a mock")
    return 1 if server.missed else 0


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _mocks(path: Path) -> Mocks:
    from hotfixture.capture import baselines, formats
    from hotfixture.capture.mocks import load_mocks

    if formats.recognise(path) == "mocks":
        return load_mocks(path)
    return baselines.generalised(formats.read(path, _sanitiser()))
