"""A recording that is too old is warned of, refused, or made anew; never made anew where nobody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotfixture.capture.playing.freshness import StaleRecordingWarning, age, decide, unattended
from hotfixture.errors import CaptureError, OptionError

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MONTH = timedelta(days=30)


def of(days: float, policy: Any, **environment: str) -> str:
    """What is decided of a recording of that many days."""
    return decide(NOW - timedelta(days=days), MONTH, policy, now=NOW, environment=environment)


@pytest.mark.parametrize("policy", ["warn", "fail", "record"])
def test_a_fresh_recording_is_played(policy: str) -> None:
    assert of(30, policy) == "play"


def test_a_stale_one_is_played_with_a_warning_that_says_how_old_it_is() -> None:
    with pytest.warns(StaleRecordingWarning, match="31 days old, at most 30 days"):
        assert of(31, "warn") == "play"


def test_short_ages_are_said_in_units_that_tell_them_apart() -> None:
    with pytest.raises(CaptureError, match="30 minutes old, at most 5 seconds"):
        decide(NOW - timedelta(minutes=30), timedelta(seconds=5), "fail", now=NOW)


def test_a_stale_one_is_refused() -> None:
    with pytest.raises(CaptureError, match="31 days old"):
        of(31, "fail")


def test_a_stale_one_is_made_anew_at_a_desk_and_refused_in_continuous_integration() -> None:
    assert of(31, "record") == "record"
    assert of(31, "record", CI="false") == "record"
    with pytest.raises(CaptureError, match="nothing is recorded anew in continuous integration"):
        of(31, "record", CI="true")
    assert unattended({"TF_BUILD": "True"})


def test_without_an_age_nothing_is_stale() -> None:
    assert decide(NOW - 1000 * MONTH, None, "fail", now=NOW) == "play"


@pytest.mark.parametrize(("text", "expected"), [("30d", 30 * 86400), ("12h", 43200), ("90 m", 5400), ("2W", 1209600)])
def test_an_age_is_a_number_and_a_unit(text: str, expected: int) -> None:
    assert age(text).total_seconds() == expected


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "3y", "99999999999d", "9" * 5000 + "d"])
def test_another_age_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="30d"):
        age(text)
