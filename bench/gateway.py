"""The daemon and its client: packages, downloads, listings, small requests, a crowd, a cold start."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import psutil
from tests.server.gateway.daemons import Daemon, set_up
from tests.servers import rows

from bench.engines import Engine, engine
from bench.exports import MASKED
from bench.measure import WORK, Figure, Scale, command, medians, ratio, timed
from bench.server import _served

CONNECTIONS, SECONDS = 32, 3.0
CROWD = 200
LIMIT = 4
FILES = {True: 1_000_000, False: 200_000}
MEGABYTES = 1024
WHO = "dev@x.test"
HFIT = Path(sys.executable).parent / "hfit"
POLICY = """
default: pass
rules: []
"""
BARE = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def whoami(request):
    return JSONResponse({"name": "dev@x.test", "kind": "user", "roles": ["developer"], "teams": ["payments"]})


app = Starlette(routes=[Route("/api/whoami", whoami)])
"""
BIG = "templateName: big\nexports:\n  big: {provider: P, query: SELECT * FROM big}\n"


def gateway(scale: Scale) -> Iterator[Figure]:
    """Every figure of the daemon."""
    WORK.mkdir(parents=True, exist_ok=True)
    with engine("postgresql") as place:
        place.people(scale.rows)
        place.run(f"CREATE TABLE big AS SELECT n, repeat(md5(n::text), 32768) t FROM generate_series(1, {MEGABYTES}) n")
        with _daemon(place) as daemon:
            desk = _Desk(daemon)
            yield from _packages(desk, place, scale)
            yield from _downloads(desk, scale)
            yield from _requests(desk, scale)
            yield from _crowd(desk, place)
            yield from _cold(desk, scale)
            yield from _listings(desk, scale)


@contextmanager
def _daemon(place: Engine) -> Iterator[Daemon]:
    folder = WORK / "daemon"
    set_up(folder, more='approval: "off"\npackages_waiting: 1000\nworkers: 2\n')
    (WORK / "many").mkdir()
    settings = (folder / "hfitd.yaml").read_text(encoding="utf-8")
    provider = f"  P: {{url: 'env:P_URL', teams: [payments], connections: {LIMIT}, exports: 2}}\n"
    volume = f"  many: {{place: '{WORK / 'many'}', teams: [payments]}}\n"
    settings = settings.replace("providers:\n", "providers:\n" + provider).replace("volumes:\n", "volumes:\n" + volume)
    (folder / "hfitd.yaml").write_text(settings, encoding="utf-8")
    (folder / "masking.yaml").write_text(POLICY, encoding="utf-8")
    daemon = Daemon(folder, environment={"P_URL": place.url})
    try:
        yield daemon
    finally:
        daemon.stop()


class _Desk:
    """A developer with a session, and the commands they type."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.key = daemon.user(WHO)
        home = WORK / "home"
        home.mkdir()
        self.environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home)}
        self.environment.pop("SSH_AUTH_SOCK", None)
        self.hfit("config", daemon.url, WHO, self.key)
        self.hfit("login")
        self.headers = daemon.login(WHO, self.key)
        for name, text in (("masked", MASKED), ("big", BIG)):
            path = WORK / f"{name}.yaml"
            path.write_text(text.replace("name: people", "templateName: masked", 1), encoding="utf-8")
            self.hfit("pkg-tmpl", "create", path)

    def hfit(self, *words: object) -> float:
        """Seconds of a command."""
        return command(HFIT, *words, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def _watched(daemon: Daemon) -> Iterator[Callable[[], float]]:
    """The most MB that the daemon or any one of its workers holds meanwhile."""
    most, ended = [0.0], threading.Event()

    def watch() -> None:
        process = psutil.Process(daemon.process.pid)
        while not ended.wait(0.05):
            for one in [process, *process.children(recursive=True)]:
                try:
                    most[0] = max(most[0], one.memory_info().rss / 1e6)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: most[0]
    finally:
        ended.set()
        thread.join()


def _packages(desk: _Desk, place: Engine, scale: Scale) -> Iterator[Figure]:
    written = [WORK / "through.sql", WORK / "direct.sql"]
    direct = ("run", WORK / "masked.yaml", "--provider", f"P={place.url}", "-o", written[1])
    key = {**desk.environment, "HFIT_KEY_FILE": str(desk.daemon.folder / "keys" / "masking.key")}
    works = {
        "ours": partial(desk.hfit, "pkg-download", "masked", "--fresh", "-o", written[0]),
        "peer": partial(command, HFIT, *direct, env=key, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
    }
    with _watched(desk.daemon) as peak:
        found = medians(works, scale.runs)
        most = peak()
    work = f"package of {scale.rows:,} rows × 11 through daemon and client"
    yield ratio(work, found["ours"], found["peer"], "s", against="hfit run", target=1.2, peak=most)
    yield Figure("memory of the daemon or a worker meanwhile", most, None, "MB", "", most, "MB", 300, most)


def _downloads(desk: _Desk, scale: Scale) -> Iterator[Figure]:
    package = WORK / "big.sql"
    desk.hfit("pkg-download", "big", "-o", package)
    listed = desk.daemon.client.get("/api/packages", headers=desk.headers).json()["items"]
    url = desk.daemon.url + next(one["download"] for one in listed if one["template"] == "big")
    token = desk.headers["authorization"]
    if shutil.which("nginx") is None:
        return
    with _nginx(package) as peer:
        works = {
            "ours": lambda: command("curl", "-sf", "-o", "/dev/null", "-H", f"authorization: {token}", url),
            "peer": lambda: command("curl", "-sf", "-o", "/dev/null", peer),
        }
        found = medians(works, scale.runs)
    size = package.stat().st_size / 1e9
    yield ratio(
        f"download of a ready {size:.1f} GB package", found["ours"], found["peer"], "s", against="nginx", target=2
    )


@contextmanager
def _nginx(file: Path) -> Iterator[str]:
    folder = WORK / "nginx"
    folder.mkdir()
    port = 28_080
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root;\nevents {{}}\nhttp {{ access_log off;"
        f" sendfile on; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};"
        f" uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
        f" server {{ listen 127.0.0.1:{port}; root {file.parent}; }} }}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder])
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{port}/{file.name}"
    finally:
        process.terminate()
        process.wait(10)


class _Asker(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer, and notes how long each took."""

    def __init__(self, request: bytes, stop: float, times: list[float]) -> None:
        self._request, self._stop, self._times = request, stop, times
        self._data = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._begun = time.perf_counter()
        self._transport.write(self._request)  # type: ignore[attr-defined]  # a transport of TCP

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        start = head.lower().index(b"content-length: ") + 16
        if len(body) < int(head[start : start + 8].split(b"\r")[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        self._data = b""
        now = time.perf_counter()
        self._times.append(now - self._begun)
        if now < self._stop:
            self._ask()
        elif not self.done.done():
            self._transport.close()
            self.done.set_result(None)


def _requests(desk: _Desk, scale: Scale) -> Iterator[Figure]:
    (WORK / "bare_whoami.py").write_text(BARE, encoding="utf-8")
    words = [sys.executable, "-m", "uvicorn", "bare_whoami:app", "--app-dir", WORK, "--port", "0", "--no-access-log"]
    latencies: list[float] = []
    with _served([str(word) for word in words], WORK / "bare.log", rb"http://127\.0\.0\.1:(\d+)") as bare:
        ours = int(desk.daemon.url.rpartition(":")[2])
        token = desk.headers["authorization"]
        works = {"ours": lambda: _rate(ours, token, latencies), "peer": lambda: _rate(bare, token, [])}
        for work in works.values():
            work()
        latencies.clear()
        found = medians(works, scale.runs)
    note = f"{CONNECTIONS} connections, request log written"
    yield ratio(
        "GET /api/whoami, authenticated",
        found["ours"],
        found["peer"],
        "/s",
        against="a bare route",
        target=0.4,
        note=note,
    )
    tail = statistics.quantiles(latencies, n=100)[98] * 1000
    yield Figure("the same, 99 of 100 within", tail, None, "ms", "", tail, "ms", 25)


def _rate(port: int, token: str, times: list[float]) -> float:
    async def ask() -> float:
        request = f"GET /api/whoami HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: {token}\r\n\r\n".encode()
        loop = asyncio.get_running_loop()
        begun, own = time.perf_counter(), list[float]()
        made = [
            (await loop.create_connection(lambda: _Asker(request, begun + SECONDS, own), "127.0.0.1", port))[1]
            for _ in range(CONNECTIONS)
        ]
        await asyncio.gather(*(one.done for one in made))
        times.extend(own)
        return len(own) / (time.perf_counter() - begun)

    return asyncio.run(ask())


def _crowd(desk: _Desk, place: Engine) -> Iterator[Figure]:
    """So many clients at once, each with a package of its own; the connections that production sees meanwhile."""
    small = MASKED.replace("name: people", "templateName: few", 1).replace("FROM people", "FROM people WHERE id < ${n}")
    (WORK / "few.yaml").write_text(small, encoding="utf-8")
    desk.hfit("pkg-tmpl", "create", WORK / "few.yaml")
    most, ended = [0], threading.Event()
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def watch() -> None:
        while not ended.wait(0.1):
            most[0] = max(most[0], int(rows(place.url, sql)[0][0]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        seconds = timed(lambda: asyncio.run(_ask_all(desk)))
    finally:
        ended.set()
        thread.join()
    work = f"{CROWD} clients ask for a package at once; connections that production sees"
    yield Figure(
        work, most[0], None, "MB", "", most[0], "MB", LIMIT, note=f"all ready after {seconds:.1f} s; a number, no MB"
    )


async def _ask_all(desk: _Desk) -> None:
    limits = httpx.Limits(max_connections=CROWD)
    async with httpx.AsyncClient(
        base_url=desk.daemon.url, headers=desk.headers, timeout=60, limits=limits, trust_env=False
    ) as client:

        async def one(number: int) -> None:
            asked = {"template": "few", "parameters": {"n": 10 + number}}
            answer = await client.post("/api/packages", json=asked)
            answer.raise_for_status()
            found = answer.json()
            while found["state"] not in ("ready", "failed"):
                answer = await client.get(f"/api/packages/{found['id']}?wait=20")
                answer.raise_for_status()
                found = answer.json()
            if found["state"] != "ready":
                raise RuntimeError(str(found["problems"]))

        await asyncio.gather(*(one(number) for number in range(CROWD)))


def _cold(desk: _Desk, scale: Scale) -> Iterator[Figure]:
    works = {
        "ours": lambda: desk.hfit("whoami") * 1000,
        "peer": lambda: command(sys.executable, "-c", "pass") * 1000,
    }
    found = medians(works, scale.starts)
    more = found["ours"] - found["peer"]
    yield Figure("cold start: hfit whoami", found["ours"], found["peer"], "ms", "python -c pass", more, "ms more", 120)


def _listings(desk: _Desk, scale: Scale) -> Iterator[Figure]:
    count = FILES[scale.rows >= 1_000_000]
    folder = WORK / "many"
    for part in range(count // 1000):
        inner = folder / f"{part:04d}"
        inner.mkdir()
        for number in range(1000):
            with (inner / f"f{number}.{'log' if number % 3 else 'txt'}").open("wb") as file:
                file.truncate(number * 4)
    url = f"{desk.daemon.url}/api/volumes/many/files"
    filters = {"filter": ["name:*.log", "mtime:7", "size:>1024"]}
    firsts: list[float] = []

    def ours() -> float:
        begun = time.perf_counter()
        with httpx.stream("GET", url, params=filters, headers=desk.headers, timeout=120, trust_env=False) as answer:
            answer.raise_for_status()
            pieces = answer.iter_raw()
            next(pieces)
            firsts.append((time.perf_counter() - begun) * 1000)
            lines = sum(piece.count(b"\n") for piece in pieces)
        assert lines
        return time.perf_counter() - begun

    find = ["find", folder, "-name", "*.log", "-mtime", "-7", "-size", "+1024c", "-printf", "%p %s %T@\n"]
    works = {"ours": ours, "peer": lambda: command(*find, stdout=subprocess.DEVNULL)}
    ours()
    with _watched(desk.daemon) as peak:
        found = medians(works, scale.runs)
        most = peak()
    work = f"listing {count:,} files with a filter, through the API"
    yield ratio(work, found["ours"], found["peer"], "s", against="find", target=3, peak=most)
    first = statistics.median(firsts)
    yield Figure("the same, first line", first, None, "ms", "", first, "ms", 100)
