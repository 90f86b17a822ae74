"""What a call logs, and whatever it prints while it runs."""

from __future__ import annotations

import io
import sys
import time
from contextvars import ContextVar
from typing import Any

from .encoding import clean, decode, encode_leniently

_LONGEST = 8192

current: ContextVar[Log | None] = ContextVar("alyx_log", default=None)


class Log:
    """The log of one call, cut at a limit; `ctx.log`."""

    def __init__(self, limit: int) -> None:
        self._entries: list[dict[str, Any]] = []
        self._left = limit
        self._rest = {"info": "", "error": ""}
        self._is_over = False

    def debug(self, message: Any, data: Any = None) -> None:
        """Logs what helps to find a fault."""
        self._add("debug", message, data)

    def info(self, message: Any, data: Any = None) -> None:
        """Logs what happened."""
        self._add("info", message, data)

    def warn(self, message: Any, data: Any = None) -> None:
        """Logs what may be wrong."""
        self._add("warn", message, data)

    warning = warn

    def error(self, message: Any, data: Any = None) -> None:
        """Logs what is wrong."""
        self._add("error", message, data)

    def _add(self, level: str, message: Any, data: Any = None) -> None:
        if self._is_over:
            return
        text = clean(str(message))
        if len(text) > _LONGEST:
            text = text[:_LONGEST] + "…"
        entry: dict[str, Any] = {"level": level, "message": text, "time": _now()}
        size = len(text)
        if data is not None:
            encoded = encode_leniently(data)
            entry["data"] = decode(encoded)
            size += len(encoded)
        if size > self._left:
            self._is_over = True
            entry = {"level": "warn", "message": "more was logged than is kept", "time": entry["time"]}
        self._left -= size
        self._entries.append(entry)

    def print(self, level: str, text: str) -> None:
        """Takes what was printed, line by line."""
        if self._is_over:
            return
        *lines, rest = (self._rest[level] + text).split("\n")
        for line in lines:
            self._add(level, line)
        if len(rest) > _LONGEST:
            self._add(level, rest)
            rest = ""
        self._rest[level] = rest

    def close(self) -> list[dict[str, Any]]:
        """Ends it: what is logged later belongs to no call."""
        for level, rest in self._rest.items():
            if rest:
                self._add(level, rest)
        self._is_over = True
        return self._entries


def _now() -> str:
    seconds = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds * 1000) % 1000:03d}Z"


class _Router(io.TextIOBase):
    """A standard output that gives each call its own lines."""

    def __init__(self, real: Any, level: str) -> None:
        self._real = real
        self._level = level

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def buffer(self) -> Any:
        return self._real.buffer

    def fileno(self) -> int:
        return int(self._real.fileno())

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        log = current.get()
        if log is None:
            self._real.write(text)
        else:
            log.print(self._level, text)
        return len(text)

    def flush(self) -> None:
        self._real.flush()


def catch_output() -> None:
    """From now on what is printed inside of a call is that call's."""
    sys.stdout = _Router(sys.stdout, "info")
    sys.stderr = _Router(sys.stderr, "error")
