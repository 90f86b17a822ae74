"""`ctx.db` for coroutines."""

from __future__ import annotations

import asyncio
import inspect
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from . import requests
from .errors import DatabaseError
from .operators import Operators
from .requests import Place
from .server import function_refusal

Ask = Callable[..., Awaitable[Any]]


class Collection:
    """One collection."""

    def __init__(self, name: str, place: Place, ask: Ask) -> None:
        self._name = name
        self._place = place
        self._ask = ask

    async def get(self, id: Any, **options: Any) -> Any:
        """One document, or None: `expand`, `fields`."""
        body = requests.query(self._place, self._name, {**options, "id": id})
        return (await self._ask(requests.QUERY, body))["doc"]

    async def list(self, **options: Any) -> Any:
        """Documents: `where`, `sort`, `limit`, `offset`, `cursor`, `expand`, `fields`, `total`."""
        return await self._ask(requests.QUERY, requests.query(self._place, self._name, options))

    async def first(self, **options: Any) -> Any:
        """The first document of a query, or None."""
        docs = (await self.list(**{**options, "limit": 1, "total": False}))["docs"]
        return docs[0] if docs else None

    async def count(self, where: Mapping[str, Any] | None = None) -> int:
        """How many documents there are."""
        return int((await self.list(where=where, limit=1, total=True))["total"])

    async def create(self, data: Mapping[str, Any]) -> Any:
        """Stores a new document."""
        return (await self._write("create", data=data))["doc"]

    async def update(self, id: Any, data: Mapping[str, Any]) -> Any:
        """Sets fields of a document."""
        return (await self._write("update", id=id, data=data))["doc"]

    async def upsert(self, data: Mapping[str, Any]) -> Any:
        """Updates the document with this key, or stores a new one."""
        return (await self._write("upsert", data=data))["doc"]

    async def delete(self, id: Any) -> None:
        """Deletes a document."""
        await self._write("delete", id=id)

    async def _write(self, op: str, **rest: Any) -> Any:
        return await self._ask(requests.WRITE, requests.write(self._place, self._name, op, **rest))


class Database(Operators):
    """The database as the caller, or as the system: collections are attributes."""

    def __init__(self, ask: Ask, place: Place | None = None) -> None:
        self._ask = ask
        self._place = place or Place()

    def collection(self, name: str) -> Collection:
        """The collection of this name."""
        return Collection(name, self._place, self._ask)

    def __getattr__(self, name: str) -> Collection:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.collection(name)

    @property
    def system(self) -> Database:
        """The same past the rules."""
        return Database(self._ask, Place(True, self._place.transaction))

    async def batch(self, operations: Sequence[Mapping[str, Any]]) -> Any:
        """All of the operations, or none."""
        return (await self._ask(requests.WRITE, self._place.body({"operations": operations})))["results"]

    async def transaction(self, callback: Callable[[Database], Any]) -> Any:
        """Runs a callback with a database whose changes are kept together, or not at all."""
        for attempt in range(requests.TRIES + 1):
            id = (await self._ask(requests.TRANSACTION, {"action": "begin"}))["transaction_id"]
            try:
                result = callback(Database(self._ask, Place(self._place.system, id)))
                if inspect.isawaitable(result):
                    result = await result
                await self._ask(requests.TRANSACTION, {"action": "commit", "transaction": id})
                return result
            except BaseException as error:
                await self._roll_back(id)
                is_conflict = isinstance(error, DatabaseError) and error.is_conflict
                if not is_conflict or attempt == requests.TRIES:
                    raise
            await asyncio.sleep(random.random() * 0.02 * (attempt + 1))
        raise AssertionError("the last attempt returns or raises")

    async def _roll_back(self, id: str) -> None:
        try:
            await self._ask(requests.TRANSACTION, {"action": "rollback", "transaction": id})
        except Exception:
            # What has ended already cannot be rolled back, and need not be.
            return


class Functions:
    """`ctx.fn`: other functions, as attributes or by name."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def __call__(self, name: str, input: Any = None) -> Any:
        body = {"input": {} if input is None else input}
        return (await self._ask(requests.function(name), body, function_refusal))["output"]

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda input=None: self(name, input)
