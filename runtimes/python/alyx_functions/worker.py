"""The worker: one function, behind a socket of its own. See ../../README.md for what it speaks."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import json
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

from .context import BlockingContext, Context
from .define import Function
from .encoding import decode, encode, encode_leniently
from .errors import DatabaseError, FunctionError, NotJson
from .load import describe, load
from .logs import Log, catch_output, current
from .messages import MessageError, MessageReader, answer_bytes
from .server import AsyncServer, BlockingServer
from .validate import validate

_THREADS = 16


class Worker:
    """One function and what its calls share."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._entry: str = told["entry"]
        self._server: str = told["server"]
        self._env = MappingProxyType(dict(told.get("env") or {}))
        self._log_limit: int = told.get("log_limit", 262144)
        self._async_server = AsyncServer(self._server)
        self._threads: ThreadPoolExecutor | None = None
        self._function: Function | None = None
        self._fault: dict[str, Any] | None = None

    def load(self) -> None:
        """Loads the function; a fault is kept for whoever asks."""
        try:
            self._function = load(self._entry)
        except BaseException as error:
            self._fault = describe(error, self._entry)

    def health(self) -> tuple[int, bytes]:
        """Whether the function is loaded, with what it declares."""
        if self._function is None:
            return 500, encode_leniently({"ready": False, "error": self._fault})
        shapes = {"ready": True, "input": self._function.input, "output": self._function.output}
        return 200, encode_leniently(shapes)

    async def invoke(self, body: bytes) -> tuple[int, bytes]:
        """Runs one call."""
        if self._function is None:
            return self.health()
        began = time.perf_counter()
        call = decode(body)
        log = Log(self._log_limit)
        try:
            output = encode(await self._run(self._function, call, log))
            answer = b'"success":true,"output":' + output
        except NotJson as error:
            answer = _failed(FunctionError(f"the output is not JSON: {error}", 500, "OUTPUT_NOT_JSON"))
        except Exception as error:
            answer = _failed(error)
        rest = {"logs": log.close(), "duration_ms": round((time.perf_counter() - began) * 1000, 3)}
        id = encode(call.get("request_id"))
        return 200, b'{"request_id":' + id + b"," + answer + b"," + encode(rest)[1:]

    async def _run(self, function: Function, call: dict[str, Any], log: Log) -> Any:
        input = call.get("input")
        if function.input is not None:
            input, faults = validate(function.input, input)
            if faults:
                raise _invalid(faults)
        told = call.get("context") or {}
        current.set(log)
        if inspect.iscoroutinefunction(function.handler):
            return await function.handler(input, Context(told, self._env, log, self._async_server))
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS)
        context = contextvars.copy_context()
        blocking = BlockingServer(self._server)

        def run() -> Any:
            try:
                return function.handler(input, BlockingContext(told, self._env, log, blocking))
            finally:
                blocking.close()

        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._threads, lambda: context.run(run))
        return await result if inspect.isawaitable(result) else result


def _invalid(faults: list[dict[str, str]]) -> FunctionError:
    first = faults[0]
    message = f"{first['field'] or 'the input'} {first['message']}"
    if len(faults) > 1:
        message = f"{len(faults)} fields are not valid"
    return FunctionError(message, 400, "VALIDATION_ERROR", faults)


def _failed(error: Exception) -> bytes:
    told: dict[str, Any] = {"code": "FUNCTION_ERROR", "message": str(error) or type(error).__name__, "status": 500}
    if isinstance(error, (FunctionError, DatabaseError)):
        told = {"code": error.code, "message": error.message, "status": error.status}
        if error.details is not None:
            told["details"] = json.loads(encode_leniently(error.details))
    told["stack"] = "".join(traceback.format_exception(error))
    return b'"success":false,"error":' + encode_leniently(told)


class _Connection(asyncio.Protocol):
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


async def _serve(worker: Worker, path: str) -> None:
    loop = asyncio.get_running_loop()
    # What is imported may take long; asked for its health meanwhile, the worker answers after.
    before = os.umask(0o177)
    server = await loop.create_unix_server(lambda: _Connection(worker), path)
    os.umask(before)
    worker.load()
    await server.serve_forever()


def main() -> None:
    """Serves the function that ALYX_WORKER names."""
    text = os.environ.pop("ALYX_WORKER", None)
    if text is None:
        print("this program is started by Alyx, which tells it what to serve", file=sys.stderr)
        raise SystemExit(2)
    told = json.loads(text)
    os.environ.update(told.get("env") or {})
    catch_output()
    asyncio.run(_serve(Worker(told), told["socket"]))


if __name__ == "__main__":
    main()
