"""Messages that no worker can take: kept under `odordiff:quarantine` for somebody to look at, newest first."""

from __future__ import annotations

import base64
import json
import logging
import time
from datetime import datetime, timezone
from typing import Any

from celery import Celery
from celery.backends.redis import RedisBackend

from .patience import AWAY

KEY = "odordiff:quarantine"
_MOST = 1_000
_MOST_BYTES = 64 * 1024
_PAUSES_S = (0.0, 0.2, 0.5)  # before each attempt: the worker waits, and its other messages with it
_log = logging.getLogger(__name__)
_app: Celery | None = None


def keep(reason: str, *, headers: Any = None, body: Any = None) -> bool:
    """Puts it there, where Redis has the results; False where that is away, and somebody has to ask again. The log has the reason
    alone: messages hold briefs."""
    raw = body if isinstance(body, bytes) else str(body or "").encode()
    entry = json.dumps(
        {
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "reason": reason,
            "headers": json.loads(json.dumps(headers, default=repr)),
            "body_base64": base64.b64encode(raw[:_MOST_BYTES]).decode(),
            "bytes": len(raw),
        }
    )
    _log.error("a message was put into quarantine: %s", reason)
    if _app is None or not isinstance(_app.backend, RedisBackend):
        return True  # the log is all there is
    for pause in _PAUSES_S:
        time.sleep(pause)
        try:
            _app.backend.client.pipeline().lpush(KEY, entry).ltrim(KEY, 0, _MOST - 1).execute()
        except AWAY:
            continue
        except Exception:  # the worker must go on
            _log.exception("the quarantine cannot be written; the message of %d bytes is lost", len(raw))
        return True
    _log.error("the quarantine cannot be reached; the message of %d bytes stays at the broker", len(raw))
    return False


def connect(app: Celery) -> None:
    """From now on what this app's workers refuse is kept."""
    global _app
    _app = app
