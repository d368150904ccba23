"""urllib3: connections that fail before the request is known to them."""

from __future__ import annotations

import re

import pytest
import urllib3
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import Server

from hotfixture.capture import tapes
from hotfixture.capture.playing.playback import replay


def _ask(url: str, proxy: str | None = None, **options: object) -> str:
    pool = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
    with pool, pytest.raises(urllib3.exceptions.HTTPError) as caught:
        pool.request("POST", url, body=b"asked", headers={"X-Mine": "1"}, retries=False, **options)
    said = f"{type(caught.value)} {caught.value} {caught.value.__cause__!r}"
    return re.sub(r"0x[0-9a-f]+", "", said)


@pytest.mark.parametrize("url", ["https://127.0.0.1:9/x", "https://nowhere.invalid/x"])
def test_a_connection_for_tls_that_fails_is_a_failed_request(url: str, recorder: Recorder) -> None:
    """case 25: with what would have been asked."""
    bare = _ask(url)
    with tapes.under(recorder.session):
        assert _ask(url) == bare
    (one,) = recorder.interactions
    assert (one.request["method"], one.request["url"], one.status) == ("POST", url, "error")
    assert recorder.sent(one) == b"asked"
    assert ["X-Mine", "1"] in [list(pair) for pair in one.request["headers"]]
    with replay(recorder.folder):
        assert _ask(url) == bare


@pytest.mark.parametrize("url", ["http://far.example/x", "https://far.example/x"])
def test_a_proxy_that_is_not_there_is_blamed_as_such(url: str, recorder: Recorder) -> None:
    """case 25: ProxyError, not the error of the server behind it."""
    bare = _ask(url, proxy="http://127.0.0.1:9")
    assert "ProxyError" in bare
    with tapes.under(recorder.session):
        assert _ask(url, proxy="http://127.0.0.1:9") == bare
    (one,) = recorder.interactions
    assert one.request["url"] == url
    with replay(recorder.folder):
        assert _ask(url, proxy="http://127.0.0.1:9") == bare


def test_a_server_that_hangs_in_the_handshake_times_out_again(server: Server, recorder: Recorder) -> None:
    """case 25."""
    url = server.url.replace("http:", "https:") + "/x"
    with tapes.under(recorder.session):
        seen = _ask(url, timeout=0.5)
    with replay(recorder.folder):
        assert _ask(url, timeout=0.5) == seen
