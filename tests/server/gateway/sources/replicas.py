"""A hot standby of the suite's PostgreSQL: a copy that replays what the other writes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.servers import PostgreSQL


@contextmanager
def standby(primary: PostgreSQL) -> Iterator[PostgreSQL]:
    """A running standby."""
    folder = Path(tempfile.mkdtemp(prefix="hotfixture-standby-"))
    drop = servers._drop_to(PostgreSQL.account, folder)
    copy = [PostgreSQL._program("pg_basebackup"), "-d", primary.url, "-D", folder / "data", "-R", "-X", "stream"]
    options = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off", "max_connections=60"]

    def launch(port: int) -> PostgreSQL:
        arguments = [PostgreSQL._program("postgres"), "-D", folder / "data", "-p", str(port)]
        arguments += [part for option in options for part in ("-c", option)]
        url = primary.url.replace(f":{primary.url.rpartition(':')[2].partition('/')[0]}/", f":{port}/")
        return PostgreSQL(url, folder, servers._launch(arguments, folder, drop, signal="INT"))

    try:
        servers._run([*copy, "--checkpoint=fast", "--no-sync"], drop)
        made = servers._ready(launch, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield made
    finally:
        made.stop()
