"""Calls back to the server over its socket: for coroutines, and for handlers in threads."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from .encoding import decode, encode
from .errors import DatabaseError, FunctionError
from .messages import Message, MessageError, MessageReader, answer_status, request_bytes

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
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, path: str, token: str, body: Any, refusal: Refusal = database_refusal) -> Any:
        """Asks once; a kept connection that was closed meanwhile is replaced."""
        request = request_bytes(path, token, encode(body))
        while True:
            is_kept = bool(self._idle)
            try:
                stream = self._idle.pop() if is_kept else await asyncio.open_unix_connection(self._path)
                message = await self._exchange(stream, request)
            except (OSError, MessageError) as error:
                if is_kept and isinstance(error, (ConnectionResetError, BrokenPipeError)):
                    continue
                raise _unreachable(error) from None
            return _read(message, refusal)

    async def _exchange(self, stream: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> Message:
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
            self._idle.append(stream)
        else:
            writer.close()
        return message


class BlockingServer:
    """The server for one handler in a thread; it has one connection."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None

    def ask(self, path: str, token: str, body: Any, refusal: Refusal = database_refusal) -> Any:
        """Asks once; a kept connection that was closed meanwhile is replaced."""
        request = request_bytes(path, token, encode(body))
        while True:
            is_kept = self._socket is not None
            try:
                message = self._exchange(request)
            except (OSError, MessageError) as error:
                self.close()
                if is_kept and isinstance(error, (ConnectionResetError, BrokenPipeError)):
                    continue
                raise _unreachable(error) from None
            if not message.keep_alive:
                self.close()
            return _read(message, refusal)

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
