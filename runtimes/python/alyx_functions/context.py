"""What a handler sees of its call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .blocking import BlockingDatabase, BlockingFunctions
from .database import Database, Functions
from .logs import Log
from .server import AsyncServer, BlockingServer


class _Context:
    auth: dict[str, Any] | None
    request: dict[str, Any]

    def __init__(self, told: Mapping[str, Any], env: Mapping[str, str], log: Log) -> None:
        self.auth = told.get("auth")
        self.request = told.get("request") or {}
        self.env = env
        self.log = log
        self.timeout_ms = told.get("timeout_ms")


class Context(_Context):
    """For coroutines: `auth`, `db`, `env`, `fn`, `log`, `request`."""

    def __init__(self, told: Mapping[str, Any], env: Mapping[str, str], log: Log, server: AsyncServer) -> None:
        super().__init__(told, env, log)
        token = str(told.get("internal_token", ""))

        async def ask(path: str, body: Any, *refusal: Any) -> Any:
            return await server.ask(path, token, body, *refusal)

        self.db = Database(ask)
        self.fn = Functions(ask)


class BlockingContext(_Context):
    """The same for handlers that are no coroutines."""

    def __init__(self, told: Mapping[str, Any], env: Mapping[str, str], log: Log, server: BlockingServer) -> None:
        super().__init__(told, env, log)
        token = str(told.get("internal_token", ""))

        def ask(path: str, body: Any, *refusal: Any) -> Any:
            return server.ask(path, token, body, *refusal)

        self.db = BlockingDatabase(ask)
        self.fn = BlockingFunctions(ask)
