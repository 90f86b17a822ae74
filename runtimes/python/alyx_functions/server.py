"""Calls back to the server over its socket: for coroutines, and for handlers in threads."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

from .encoding import decode, encode
from .errors import DatabaseError, FunctionError
from .messages import Message, MessageError, MessageReader, answer_status, request_bytes

# Shorter than the server keeps a connection, so that none is used in the moment it closes.
_IDLE_SECONDS = 2.0

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Refusal = Callable[[int, str, str, Any], Exception]


def database_refusal(status: int, code: str, message: str, details: Any) -> Exception:
    """A refusal of the database."""
    return DatabaseError(status, code, message, details)


def function_refusal(status: int, code: str, message: str, details: Any) -> Exception:
    """The failure of another function."""
    return FunctionError(message, status, code, details)


def _read(message: Message, refusal: Refusal) -> Any:
    status = answer_status(message)
    answer = decode(message.body)
    if status == 200:
        return answer
    words = str(answer.get("error", "the server refused"))
    raise refusal(status, str(answer.get("code", "ERROR")), words, answer.get("details"))


def _unreachable(error: Exception) -> FunctionError:
    return FunctionError(f"the server cannot be reached: {error}", 503, "UNREACHABLE")


class AsyncServer:
    """The server for coroutines; connections are kept open."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: list[tuple[float, Stream]] = []

    async def ask(self, path: str, token: str, body: Any, refusal: Refusal = database_refusal) -> Any:
        """Asks once, never twice: what was sent may have been done."""
        request = request_bytes(path, token, encode(body))
        try:
            stream = self._kept() or await asyncio.open_unix_connection(self._path)
            message = await self._exchange(stream, request)
        except (OSError, MessageError) as error:
            raise _unreachable(error) from None
        return _read(message, refusal)

    def _kept(self) -> Stream | None:
        while self._idle:
            since, stream = self._idle.pop()
            reader, writer = stream
            if time.monotonic() - since < _IDLE_SECONDS and not reader.at_eof() and not writer.is_closing():
                return stream
            writer.close()
        return None

    async def _exchange(self, stream: Stream, request: bytes) -> Message:
        reader, writer = stream
        collected = MessageReader(length_needed=True)
        try:
            writer.write(request)
            await writer.drain()
            message = None
            while message is None:
                data = await reader.read(65536)
                if not data:
                    raise ConnectionResetError("the connection was closed")
                message = collected.feed(data)
        except BaseException:
            writer.close()
            raise
        if message.keep_alive:
            self._idle.append((time.monotonic(), stream))
        else:
            writer.close()
        return message


class BlockingServer:
    """The server for one handler in a thread; it has one connection."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._used = 0.0

    def ask(self, path: str, token: str, body: Any, refusal: Refusal = database_refusal) -> Any:
        """Asks once, never twice: what was sent may have been done."""
        request = request_bytes(path, token, encode(body))
        if not self._is_fresh():
            self.close()
        try:
            message = self._exchange(request)
        except (OSError, MessageError) as error:
            self.close()
            raise _unreachable(error) from None
        self._used = time.monotonic()
        if not message.keep_alive:
            self.close()
        return _read(message, refusal)

    def _is_fresh(self) -> bool:
        """Whether the server has neither closed the connection nor may be about to."""
        if self._socket is None or time.monotonic() - self._used >= _IDLE_SECONDS:
            return False
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _exchange(self, request: bytes) -> Message:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.connect(self._path)
        self._socket.sendall(request)
        collected = MessageReader(length_needed=True)
        while True:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionResetError("the connection was closed")
            message = collected.feed(data)
            if message is not None:
                return message

    def close(self) -> None:
        """Closes the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
