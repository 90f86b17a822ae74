"""The worker's socket, and the connections that the server makes to it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from typing import TYPE_CHECKING

from .encoding import encode
from .messages import MessageError, MessageReader, answer_bytes

if TYPE_CHECKING:
    from .worker import Worker


def listen(path: str) -> socket.socket:
    """Makes the socket, which only its owner may use."""
    if os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode):
        os.unlink(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    listening.bind(path)
    os.umask(before)
    listening.listen(1024)
    return listening


class Connection(asyncio.Protocol):
    """One connection of the server, with one call at a time."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._reader = MessageReader(length_needed=False)
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            message = self._reader.feed(data)
        except MessageError as error:
            self._send(error.status, encode({"error": str(error)}), False)
            return
        if message is None:
            return
        method, path = message.start[0], message.start[1]
        if (method, path) == ("GET", "/health"):
            self._send(*self._worker.health(), message.keep_alive)
        elif (method, path) == ("POST", "/invoke"):
            self._task = asyncio.ensure_future(self._call(message.body, message.keep_alive))
        else:
            self._send(404, b'{"error":"there is nothing here"}', message.keep_alive)

    async def _call(self, body: bytes, keep_alive: bool) -> None:
        status, answer = await self._worker.invoke(body)
        self._task = None
        self._send(status, answer, keep_alive)

    def _send(self, status: int, body: bytes, keep_alive: bool) -> None:
        if self._transport is None:
            return
        self._transport.write(answer_bytes(status, body, keep_alive=keep_alive))
        if not keep_alive:
            self._transport.close()
