"""What a call logs, and whatever it prints while it runs."""

from __future__ import annotations

import io
import logging
import sys
import time
from contextvars import ContextVar
from typing import Any

from .encoding import clean, decode, encode_leniently

_LONGEST = 8192
# Empty lines take nothing of the limit, and would be kept without bound.
_MOST_ENTRIES = 10_000

current: ContextVar[Log | None] = ContextVar("alyx_log", default=None)


class Log:
    """The log of one call, cut at a limit; `ctx.log`."""

    def __init__(self, limit: int) -> None:
        self._entries: list[dict[str, Any]] = []
        self._left = limit
        self._rest = {"info": "", "error": ""}
        self._is_over = False
        self._is_cut = False
        self.is_closed = False

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

    def record(self, level: str, message: Any, data: Any = None) -> None:
        """Logs with a level of the caller's."""
        self._add(level, message, data)

    def _add(self, level: str, message: Any, data: Any = None) -> None:
        if self._is_over:
            return
        text, size = self._shorten(str(message))
        entry: dict[str, Any] = {"level": level, "message": text, "time": _now()}
        if data is not None:
            encoded = encode_leniently(data)
            entry["data"] = decode(encoded)
            size += len(encoded)
        if size > self._left or len(self._entries) >= _MOST_ENTRIES:
            self._is_over = self._is_cut = True
            return
        self._left -= size
        self._entries.append(entry)

    def _shorten(self, message: str) -> tuple[str, int]:
        # Characters first, so that a message of megabytes is not encoded in full.
        encoded = message[: _LONGEST + 1].encode("utf-8", "replace")
        if len(encoded) <= _LONGEST:
            return clean(message), len(encoded)
        self._is_cut = True
        return encoded[:_LONGEST].decode("utf-8", "ignore"), _LONGEST

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
        self._is_over = self.is_closed = True
        if self._is_cut:
            self._entries.append({"level": "warn", "message": "more was logged than is kept", "time": _now()})
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
        self.buffer = _Bytes(self)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def fileno(self) -> int:
        return int(self._real.fileno())

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        log = current.get()
        # What goes on in the background after its call is nobody's any more.
        if log is None or log.is_closed:
            self._real.write(text)
        else:
            log.print(self._level, text)
        return len(text)

    def flush(self) -> None:
        self._real.flush()


class _Bytes(io.RawIOBase):
    """The stream for those who write bytes."""

    def __init__(self, stream: _Router) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._stream.write(bytes(content).decode("utf-8", "replace"))
        return len(content)

    def flush(self) -> None:
        self._stream.flush()


class _Records(logging.Handler):
    """What is logged by `logging` is the call's too."""

    def emit(self, record: logging.LogRecord) -> None:
        log = current.get()
        if log is None or log.is_closed:
            print(f"{record.levelname} {record.name}: {self.format(record)}", file=sys.stderr)
            return
        data = None if record.name == "root" else {"logger": record.name}
        log.record(_LEVELS.get(record.levelno // 10 * 10, "error"), self.format(record), data)


_LEVELS = {0: "debug", 10: "debug", 20: "info", 30: "warn"}


def catch_output() -> None:
    """From now on what is printed inside of a call is that call's."""
    logging.getLogger().addHandler(_Records())
    logging.getLogger().setLevel(logging.INFO)
    sys.stdout = _Router(sys.stdout, "info")
    sys.stderr = _Router(sys.stderr, "error")
