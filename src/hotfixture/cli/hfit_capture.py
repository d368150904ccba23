"""`hfit capture`: sessions that were recorded, analysed, compared with mocks, made into mocks."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from hotfixture.cli import output
from hotfixture.cli.hfit_capture_shown import drift_lines, mock_lines, one_line
from hotfixture.cli.lazy import LazyGroup

_KEPT, _MADE = "hotfixture.cli.hfit_capture_kept", "hotfixture.cli.hfit_capture_made"
LATER = {
    "cleanup": (f"{_KEPT}:cleanup", "Remove old sessions."),
    "convert": (f"{_MADE}:convert", "Turn a recording into another tool's format, or the other way round."),
    "list": (f"{_KEPT}:listed", "List the sessions that were recorded."),
    "recover": (f"{_KEPT}:recover", "Finish sessions whose program was killed."),
    "scan": (f"{_KEPT}:scan", "Prove that no secret is left in recordings."),
    "serve": (f"{_MADE}:serve", "Answer HTTP requests from mocks."),
    "show": (f"{_KEPT}:show", "Show a session, or one interaction of it."),
}


@click.group(cls=LazyGroup, later=LATER, short_help="What real services answered: analyse, compare, play back.",
             context_settings={"help_option_names": ["-h", "--help"]})  # fmt: skip
@click.option("--capture-dir", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Where sessions are; default TEST_CAPTURE_DIR, or test_captures among temporary files.")  # fmt: skip
@click.pass_context
def capture(context: click.Context, capture_dir: Path | None) -> None:
    """Look at what real services answered, compare mocks with it, and play it back.

    Sessions are recorded by TEST_MODE=capture pytest …, or by `with capture("name"):` in Python.
    """
    from hotfixture.capture import modes

    context.obj = modes.directory(capture_dir)


def found(wanted: str, directory: Path) -> Path:
    """The session or file that was named: a path, an id, a name, or `latest`; CaptureError where there is none."""
    from hotfixture.capture.playing import sources
    from hotfixture.errors import CaptureError, Where

    try:
        return sources.find(wanted, directory)
    except CaptureError:
        if Path(wanted).name == wanted and not Path(wanted).suffix:
            raise
        said = f"there is no such file, and no session of that name in {directory}"
        raise CaptureError(said, where=Where(wanted)) from None


class Amount(click.FloatRange):
    """A number from 0 on; `nan` and `inf`, which Python reads as numbers, are none."""

    def __init__(self, most: float | None = None) -> None:
        super().__init__(0, most)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number of anything.", param, ctx)
        return number


JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
OUTPUT = click.option("-o", "--output", "place", metavar="FILE", help="Where to; without it, standard output.")


# ---- analyze


@capture.command(short_help="Report on the sessions of the last days.")
@click.option("--days", type=Amount(), default=7, show_default=True, metavar="N",
              help="Only sessions of the last N days.")  # fmt: skip
@click.option("--html", is_flag=True, help="One page with charts, that needs nothing else.")
@JSON
@OUTPUT
@click.pass_obj
def analyze(directory: Path, days: float, place: str | None, *, html: bool, as_json: bool) -> None:
    """Report on the sessions of the last days: counts, durations, errors, patterns, regressions.

    Markdown, unless --html or --json is given or FILE ends in .html or .json.
    """
    from hotfixture.capture.analysis import reports
    from hotfixture.capture.analysis.analyzer import CaptureAnalyzer
    from hotfixture.errors import CaptureError, Where

    if html and as_json:
        raise click.UsageError("--html and --json exclude each other")
    if not directory.is_dir():
        hint = "--capture-dir or TEST_CAPTURE_DIR says where sessions are; TEST_MODE=capture records one."
        raise CaptureError("there is no such folder", where=Where(str(directory)), hint=hint)
    analysis = CaptureAnalyzer(directory).analyze_captures(days)
    if not analysis["total_interactions"]:
        output.say(f"hfit: no sessions of the last {days:g} days in {directory}")
    form = "html" if html else "json" if as_json else reports.form_of(place or "")
    with output.destination(place) as file:
        file.write(reports.written(analysis, form))


# ---- compare


@capture.command(short_help="Tell how far mocks are from a recording.")
@click.argument("recorded", metavar="CAPTURE")
@click.argument("mocks")
@click.option("--fail-under", type=Amount(100), metavar="PERCENT",
              help="Exit with 1 where fewer of the interactions agree.")  # fmt: skip
@click.option("--ignore", multiple=True, metavar="PATH", help="A place that does not count: body.items[].at")
@click.option("--learn-from", multiple=True, metavar="CAPTURE",
              help="Another recording of the same program: what differs between them does not count.")  # fmt: skip
@click.option("--tolerance", type=Amount(), metavar="RATIO", help="How far numbers may be apart: 0.01")
@click.option("--strict", is_flag=True, help="Any difference counts, cosmetic ones too.")
@click.option("-v", "--verbose", is_flag=True, help="Every difference, with the recorded value and the mock's.")
@JSON
@OUTPUT
@click.pass_obj
def compare(
    directory: Path, /, recorded: str, mocks: str, *, place: str | None, fail_under: float | None,
    tolerance: float | None, verbose: bool, as_json: bool, **options: Any,
) -> int:  # fmt: skip
    """Tell how far MOCKS are from what CAPTURE has recorded.

    CAPTURE is a session: a path, an id, or `latest`. MOCKS are a file of mocks; or a second session, and then it is
    told what the program sends and gets now that it did not then.
    """
    from hotfixture.capture.comparing.tolerances import DEFAULT, Tolerance

    if "" in options["ignore"]:
        raise click.UsageError("--ignore: expected a place, found nothing")
    real = found(recorded, directory)
    options |= {"learn_from": [found(one, directory) for one in options["learn_from"]]}
    options |= {"tolerance": DEFAULT if tolerance is None else Tolerance(relative=tolerance)}
    other = found(mocks, directory)
    session = _is_session(other)
    if session and options["strict"]:
        raise click.UsageError("--strict is for mocks: of two sessions every change of a request counts")
    result, good = _drifted(real, other, options) if session else _mocked(real, other, options, fail_under)
    with output.destination(place) as file:
        if as_json:
            output.write_json(result, file=file)
        else:
            lines = drift_lines(result) if session else mock_lines(result, verbose=verbose)
            file.writelines(f"{one_line(line)}\n" for line in lines)
    if not session and fail_under is not None and not good:
        agreeing = f"{result['matches']:,} of {result['total_comparisons']:,} interactions"
        output.say(f"hfit: {agreeing} agree, {fail_under:g} % are asked for")
    return 0 if good else 1


def _is_session(path: Path) -> bool:
    from hotfixture.capture import formats

    return formats.recognise(path) == "session"


def _mocked(
    real: Path, mocks: Path, options: Mapping[str, Any], fail_under: float | None
) -> tuple[dict[str, Any], bool]:
    from hotfixture.capture.comparing.mocked import compare as compared

    result = compared(real, mocks, **options)
    return result, fail_under is None or enough(result["matches"], result["total_comparisons"], fail_under)


def enough(matches: int, count: int, percent: float) -> bool:
    """Whether so many are that share; counted exactly, for 57 of 100 are 57 %. Of nothing it is 0 %."""
    return 100 * matches >= Fraction(str(percent)) * max(count, 1)


def _drifted(old: Path, new: Path, options: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    from hotfixture.capture.comparing.drift import compare_sessions

    kept = {name: value for name, value in options.items() if name != "strict"}
    result = compare_sessions(old, new, **kept)
    return result, bool(result["same"]) and not result["answers"]


# ---- baseline


@capture.command(short_help="Make mocks of a recording.")
@click.argument("recorded", metavar="CAPTURE")
@click.argument("mocks", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT")
@click.option("--generalise", "--generalize", is_flag=True,
              help="Rules instead of answers: path templates, echoed fields, variants, with a confidence.")  # fmt: skip
@click.pass_obj
def baseline(directory: Path, recorded: str, mocks: Path, *, generalise: bool) -> None:
    """Make mocks of a recording: CAPTURE is a session (a path, an id, `latest`), OUT the file to write."""
    from hotfixture.capture import baselines

    count = baselines.create_mock_baseline(found(recorded, directory), mocks, generalise=generalise)
    output.say(f"{mocks}: {output.counted(count, 'mock')}")


def main(argv: list[str] | None = None) -> None:
    """`python -m hotfixture.capture`."""
    sys.exit(output.run(capture, argv))
