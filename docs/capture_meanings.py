"""What the program cannot say of captures itself: introductions, and the meaning of each variable and key.

`capture_pages.py` puts these beside what it reads from the program; a name without its text here is an error there.
"""

from __future__ import annotations

from collections.abc import Mapping

CAPTURE = """What records services, compares mocks with them and plays them back. The guides are
[record real services](../guides/record-real-services.md) and
[compare and replay](../guides/compare-and-replay.md); how it works is told under
[recording](../concepts/recording.md); the commands stand with [all others](commands.md#hfit-capture)."""

MODES: Mapping[str, str] = {
    "mock": "services in memory; the default",
    "real": "real services, within limits of calls and money; nothing is kept",
    "capture": "real services, and what they answer is recorded",
    "replay": "what was recorded answers, and the network is closed",
}

VARIABLES = """Read when they are needed, so that a test may change them. An option or an argument wins over its
variable. In the names of limits and prices `_GEMINI` stands for any service."""

LIMITS = """In real and capture mode a provider counts calls and money of its session; what would go over a limit is
refused before it is sent (RefusedError). Amounts are US dollars, prices estimates. Without variables and arguments:"""

PYTEST = """The plugin comes with the package and imports nothing of recordings unless a run records, plays, or asks
for a fixture. It works beside pytest-recording, pytest-socket, pytest-xdist and syrupy."""

MARKERS = "Markers:"

FIXTURES = "Fixtures:"

SERVICES = """What a provider's `get_service(name)` and the fixture `test_services` give. `register_service`, or an
entry point of the group `{group}`, adds more."""

KNOWN_SERVICES: Mapping[str, str] = {
    "auth": "users and tokens, in this process in every mode",
    "firestore": "a client of google-cloud-firestore; in mock mode documents in memory",
    "gemini": "a client of google-genai; in mock mode answers of one's own",
}

HOOKS = """What is recorded and played without a word in the program. A hook is installed when a recording or a
playback begins and its library is, or gets, imported; without either it costs one look. Everything else is recorded by
`wrap`."""

HOOKED: Mapping[str, str] = {
    "aiohttp.connector": "aiohttp",
    "grpc._channel": "gRPC, and so Firestore and other clients of Google Cloud",
    "grpc.aio._call": "gRPC with asyncio",
    "http.client": "urllib, requests, urllib3, botocore",
    "httpcore": "httpx, synchronous or not",
    "httpcore2": "httpx2, and so google-genai",
    "psycopg": "PostgreSQL, synchronous or not",
    "pymysql": "MySQL and MariaDB",
    "sqlite3": "SQLite; in runs of pytest with `--hfit-sqlite` alone",
    "urllib3.connection": "requests and urllib3, with what they add to http.client",
    "urllib3.connectionpool": "requests and urllib3: the pool's own connections",
}

RULES = """By default keys are judged by their words and values by their looks and check digits. A file changes that:
`TEST_CAPTURE_RULES` names it, `capture(rules=…)` and `replay(rules=…)` take the same as a mapping."""

MOCKS = """What `hfit capture compare` and `serve` read and `baseline` writes."""

SERVING = """`hfit capture serve`:"""

SESSIONS = """A session is a folder of journals and the same as one file; every command takes either. Lines are JSON in
UTF-8. Version {version}; files of the framework that this one took its contract from are version 0 and are read as
well."""

ANALYSIS = """What `hfit capture analyze --json`, `CaptureAnalyzer.analyze_captures` and, in words, the reports
give. Durations are milliseconds, shares 0 to 1."""

COMPARISON = """What `hfit capture compare` does with mocks, and with a second session in their place. An accuracy
comes with the 95 % interval of Wilson."""

PYTHON = """Every public name of `hotfixture.capture`, imported on first use. Errors are
[CaptureError, ReplayMissError and NetworkBlockedError](errors-and-exit-codes.md)."""

FORMATS = """What `hfit capture convert` reads and writes. A format tells itself by a file's name and beginning; what it
cannot carry is said."""

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "capture variable": {
        "TEST_MODE": "`mock` (the default), `real`, `capture` or `replay`",
        "TEST_CAPTURE_DIR": "Where sessions go and are looked for; else `test_captures` in the temporary folder",
        "TEST_CAPTURE_RULES": "The file of [rules](#rules)",
        "TEST_CAPTURE_STRICT": "`1`: what could not be recorded raises CaptureError at the end of its `capture`",
        "TEST_EXPENSIVE": "`1` runs tests that are marked `expensive` with real services",
        "TEST_FIRESTORE_PROJECT": "The project of the Firestore client; else what the machine is set up for",
        "TEST_GEMINI_API_KEY": "Needed as soon as Gemini is asked for in real or capture mode",
        "TEST_GEMINI_MODEL": "The model that `generate_content` of the Gemini wrapper asks where none is named",
        "TEST_MAX_CALLS": "So many calls of all services in one session; `TEST_MAX_CALLS_GEMINI` of one",
        "TEST_MAX_COST": "So much money for all services in one session; `TEST_MAX_COST_GEMINI` for one",
        "TEST_PRICE": "`TEST_PRICE_GEMINI=call,million_in,million_out`: prices that are other than estimated",
        "HFIT_MASKING_KEY": "The key of all surrogates: see [settings](commands.md#settings-and-environment)",
        "HFIT_KEY_FILE": "The file that holds that key",
        "CI": "Where this (or another variable that services for continuous integration set) is on, "
        "`--hfit-stale record` fails: nothing is recorded that nobody looks at",
    },
    "capture rules": {
        "policy": "A [policy](policy.md), or its path: its masks make the surrogates of people",
        "key_file": "Another masking key than that of the settings",
        "hide": "Names whose values become surrogates; `*` and `?` stand for what is left open",
        "keep": "Names for whose sake nothing is hidden; what looks like a credential still is",
        "masks": "Names whose values get a [mask](masks.md)",
        "paths": "Places in documents, each with `secret`, `keep` or a mask",
        "patterns": "Regular expressions for secrets in any text; with `match` and `mask`, for what gets a mask",
        "secrets": "Files with one secret a line; each is replaced wherever it stands",
        "environment": "`false` leaves environment variables alone; else values with names of secrets are replaced",
        "binary": "What becomes of binary bodies: `look` (kept where nothing secret is seen), `known` (only pictures, "
        "sound and fonts), `keep`, `drop`",
        "largest": "How far a body may grow when it is unpacked; what grows further is not kept",
    },
    "mock rule": {
        "kind": "`http`, `grpc`, `sql` or `call`; without it any",
        "service": "The host, or the name that `wrap` was given",
        "operation": "Method and path template, the method of gRPC, verb and tables of SQL, the name of a call",
        "when": 'What a request must be; without it any request is met. `{"$any": …}` stands for what is open',
        "exact": "`true`: the request must equal `when`",
        "by": "Places of the request that tell recorded requests apart",
        "known": "The values at those places, one list for each recorded request",
        "answers": "What is answered, in turn; the last for ever",
        "variants": "What else was answered; served with `X-Mock-Variant` alone",
        "seen": "Recordings behind the rule",
        "confidence": "0 to 1; see above",
        "why": "For each place that is not as recorded: what it follows, and how sure that is",
    },
    "mock answer": {
        "response": 'As recordings have it: of HTTP `{status, headers, body}`. `{"$request": place}` takes over from '
        'the request, `{"$recorded": [...]}` from the recordings',
        "status": "`success` or `error`",
        "failure": "The exception, of calls that were not answered",
        "error": "Its text",
        "error_type": "Its class",
        "share": "0 to 1: how often this was the answer",
        "seen": "How many recordings had it",
    },
    "interaction": {
        "id": "Eight hexadecimal digits of the process and its count: unique in all sessions",
        "service": "The host, or the name that `wrap` was given",
        "operation": "As `GET /orders/{id}`, `SELECT orders`, the method of gRPC, the name of a call",
        "request": "By kind: see below",
        "duration_ms": "Milliseconds of a monotonic clock",
        "status": "`success`, `error`, `cancelled`, or `closed`: the caller stopped reading before the end",
        "response": "By kind; null where nothing was answered",
        "error": "The text of the exception, cleaned",
        "error_type": "Its class",
        "kind": "`http`, `grpc`, `sql` or `call`",
        "process": "Number of the process",
        "thread": "Name of the thread",
        "task": "Name of the asyncio task",
        "scope": "The test, or the name of the innermost `capture`",
        "failure": "The exception, so that it can be raised again",
        "notes": "What could not be kept as it was, a sentence each",
    },
    "exception": {
        "module": "Where the class stands",
        "name": "The class",
        "text": "What it said, cleaned",
        "attributes": "Its attributes by name",
        "cause": "The exception it was raised from",
        "context": "The exception in whose handling it was raised",
    },
    "journal header": {
        "version": "Of the lines",
        "name": "What `capture` was given; `pytest` for runs of tests",
        "timestamp": "ISO 8601, UTC",
        "process": "Number of the process",
        "labels": "By name; sessions of one run of tests have the same `run`",
    },
    "journal trailer": {
        "count": "Interactions of the process",
        "problems": "What went wrong, a sentence each",
    },
    "analysis": {
        "total_interactions": "How many there were",
        "success_rate": "The share that went well",
        "by_service": "By name: `count`, `operations` with their counts, `avg_duration`, `errors`",
        "performance": "`total_duration`, `avg_duration`, `min_duration`, `max_duration`, `slowest_operations`, "
        "`fastest_operations`",
        "errors": "Each sort of error with service, operation, class and count",
        "patterns": "See below",
        "error_count": "Calls that failed",
        "pattern_counts": "How often each pattern was found: lists are bounded, counts are not",
        "operations": "Of each operation: counts by status, errors by class, least, mean, percentiles, greatest",
        "sessions": "What was read: id and when it changed",
        "trends": "The latest session, or run of tests in several processes, against those before it; "
        "answers of 5xx count as errors",
    },
    "pattern": {
        "most_used_operations": "The operations that were called most",
        "least_used_operations": "The operations that were called least",
        "retries": "The same request again, soon after it failed",
        "n_plus_one": "Many calls of one operation that differ in one value",
        "repeated_calls": "Identical calls of one test or parent",
        "error_bursts": "Errors of one service, close together",
        "slow_tails": "Operations whose slowest calls are far from their median",
    },
    "comparison": {
        "total_comparisons": "Interactions that were compared, those without a mock too",
        "matches": "How many agree with their mock",
        "differences": "Per operation and sort: `differences` (type, path, both values, severity), a sample of "
        "both sides, `count`, `ids`",
        "missing_mocks": "Operations that no mock answers, the most used first, each with a sample",
        "accuracy_score": "Matches among comparisons",
        "accuracy_interval": "Its interval",
        "by_operation": "The same for each operation",
        "cosmetic": "Differences that are none to a program",
        "skipped": "What could not be compared, by reason",
        "volatile": "Fields that were learned to change by themselves, with the evidence",
    },
    "drift": {
        "compared": "Requests that were paired with a recorded one",
        "drift": "Those that differ from it, with the places",
        "new_requests": "What was not asked when it was recorded",
        "lost_requests": "What was asked then and is not asked now",
        "answers": "Same request, another answer",
        "order": "Operations in another order",
        "timing": "Operations whose durations differ more than by chance",
        "volatile": "Fields that were learned to change by themselves, with the evidence",
        "same": "Whether the program asks what it asked",
    },
    "capture kind": {
        "http": "`method`, `url`, `headers` (pairs, in their order), `body` → `status`, `reason`, `version`, "
        "`headers`, `body`, `trailers`",
        "grpc": "`method`, `metadata`, `messages` → `messages`, `code`, `details`, metadata of the server",
        "sql": "`statement`, `parameters` → `columns`, `rows`, and what the cursor says",
        "call": "arguments → what was returned, given or raised; see [values](#values)",
    },
}
