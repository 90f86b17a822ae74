"""The worker: one function, behind a socket of its own. See ../../README.md for what it speaks."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import json
import os
import socket
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
from .listening import Connection, listen
from .load import describe, load
from .logs import Log, catch_output, current
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
        try:
            call = decode(body)
        except ValueError as error:
            return 400, encode_leniently({"error": f"the call is not JSON: {error}"})
        if not isinstance(call, dict):
            return 400, b'{"error":"the call is no object"}'
        log = Log(self._log_limit)
        answer = await self._answer(self._function, call, log)
        rest = {"logs": log.close(), "duration_ms": round((time.perf_counter() - began) * 1000, 3)}
        id = encode(call.get("request_id"))
        return 200, b'{"request_id":' + id + b"," + answer + b"," + encode(rest)[1:]

    async def _answer(self, function: Function, call: dict[str, Any], log: Log) -> bytes:
        try:
            output = await self._run(function, call, log)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling() > 0:
                raise  # the connection was closed: nobody waits for an answer
            return _failed(error)
        try:
            return b'"success":true,"output":' + encode(output)
        except NotJson as error:
            return _failed(FunctionError(f"the output is not JSON: {error}", 500, "OUTPUT_NOT_JSON"))

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


def _failed(error: BaseException) -> bytes:
    told: dict[str, Any] = {"code": "FUNCTION_ERROR", "message": str(error) or type(error).__name__, "status": 500}
    if isinstance(error, (FunctionError, DatabaseError)):
        told = {"code": error.code, "message": error.message, "status": error.status}
        if error.details is not None:
            told["details"] = json.loads(encode_leniently(error.details))
    told["stack"] = "".join(traceback.format_exception(error))
    return b'"success":false,"error":' + encode_leniently(told)


async def _serve(worker: Worker, listening: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: Connection(worker), sock=listening)
    await server.serve_forever()


def _leave(end: SystemExit) -> None:
    # At once, as a thread that is busy would be waited for, and the calls with it.
    print(f"the function ended its process: sys.exit({end.code!r})", file=sys.__stderr__, flush=True)
    if sys.__stdout__ is not None:
        sys.__stdout__.flush()
    os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)


def main() -> None:
    """Serves the function that ALYX_WORKER names."""
    text = os.environ.pop("ALYX_WORKER", None)
    if text is None:
        print("this program is started by Alyx, which tells it what to serve", file=sys.stderr)
        raise SystemExit(2)
    told = json.loads(text)
    os.environ.update(told.get("env") or {})
    catch_output()
    listening = listen(told["socket"])
    worker = Worker(told)
    # What is imported may take long, and may run a loop of its own; who connects meanwhile waits.
    worker.load()
    try:
        asyncio.new_event_loop().run_until_complete(_serve(worker, listening))
    except SystemExit as end:
        _leave(end)


if __name__ == "__main__":
    main()
