"""An exception as data, and an exception of the same class, arguments and attributes made from it."""

from __future__ import annotations

from hotfixture.capture.records import Failure
from hotfixture.capture.values import plain


def describe(error: BaseException) -> Failure:
    """What is needed to raise its like; never raises."""
    return Failure(
        module=type(error).__module__,
        name=type(error).__qualname__,
        text=str(error),
        arguments=[plain(one) for one in error.args],
    )


def rebuild(failure: Failure) -> BaseException:
    """An exception of the recorded class where it can be found, else one that says what was recorded."""
    raise NotImplementedError(failure.name)
