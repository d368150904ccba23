"""What a process beside the server may take of the machine."""

from __future__ import annotations

from contextlib import suppress


def limit_memory(most: int) -> None:
    """Bound this process's data, where the system can; more raises MemoryError, or ends the process."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such bound, macOS ignores it
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
