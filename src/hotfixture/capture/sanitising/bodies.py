"""A body as it is kept: readable where it can be, exact where it must be.

A form is a dict with one of `json`, `text`, `base64` or `blob` (a file beside the journal), and beside it `encoding`
(gzip, br …), `charset`, and what is needed to give back the very bytes. None is no body; `{"text": ""}` an empty one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from hotfixture.capture.sanitising.sanitiser import Sanitiser

Form = dict[str, Any]


def form_of(data: bytes | None, headers: Sequence[tuple[str, str]], sanitiser: Sanitiser) -> Form | None:
    """The clean form of a body that was sent under these headers."""
    if data is None:
        return None
    try:
        return {"text": sanitiser.text(data.decode())}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def raw_of(form: Form | None) -> bytes:
    """The bytes to send again: those that were recorded, but for what was cleaned."""
    if form is None:
        return b""
    if "base64" in form:
        return base64.b64decode(form["base64"])
    if "json" in form:
        return json.dumps(form["json"]).encode()
    return str(form["text"]).encode()


def value_of(form: Form | None) -> Any:
    """What a reader means by the body: parsed JSON, a text, bytes; decompressed."""
    if form is None:
        return None
    if "text" in form:
        try:
            return json.loads(form["text"])
        except ValueError:
            return form["text"]
    return form.get("json", raw_of(form))
