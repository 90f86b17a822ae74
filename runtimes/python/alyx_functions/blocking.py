"""`ctx.db` for handlers in threads: the same without `await`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import requests
from .errors import DatabaseError
from .operators import Operators
from .requests import Place
from .server import function_refusal

Ask = Callable[..., Any]


class BlockingCollection:
    """One collection."""

    def __init__(self, name: str, place: Place, ask: Ask) -> None:
        self._name = name
        self._place = place
        self._ask = ask

    def get(self, id: Any, **options: Any) -> Any:
        """One document, or None: `expand`, `fields`."""
        body = requests.query(self._place, self._name, {**options, "id": id})
        return (self._ask(requests.QUERY, body))["doc"]

    def list(self, **options: Any) -> Any:
        """Documents: `where`, `sort`, `limit`, `offset`, `cursor`, `expand`, `fields`, `total`."""
        return self._ask(requests.QUERY, requests.query(self._place, self._name, options))

    def first(self, **options: Any) -> Any:
        """The first document of a query, or None."""
        docs = (self.list(**{**options, "limit": 1, "total": False}))["docs"]
        return docs[0] if docs else None

    def count(self, where: Mapping[str, Any] | None = None) -> int:
        """How many documents there are."""
        return int((self.list(where=where, limit=1, total=True))["total"])

    def create(self, data: Mapping[str, Any]) -> Any:
        """Stores a new document."""
        return (self._write("create", data=data))["doc"]

    def update(self, id: Any, data: Mapping[str, Any]) -> Any:
        """Sets fields of a document."""
        return (self._write("update", id=id, data=data))["doc"]

    def upsert(self, data: Mapping[str, Any]) -> Any:
        """Updates the document with this key, or stores a new one."""
        return (self._write("upsert", data=data))["doc"]

    def delete(self, id: Any) -> None:
        """Deletes a document."""
        self._write("delete", id=id)

    def _write(self, op: str, **rest: Any) -> Any:
        return self._ask(requests.WRITE, requests.write(self._place, self._name, op, **rest))


class BlockingDatabase(Operators):
    """The database as the caller, or as the system: collections are attributes."""

    def __init__(self, ask: Ask, place: Place | None = None) -> None:
        self._ask = ask
        self._place = place or Place()

    def collection(self, name: str) -> BlockingCollection:
        """The collection of this name."""
        return BlockingCollection(name, self._place, self._ask)

    def __getattr__(self, name: str) -> BlockingCollection:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.collection(name)

    @property
    def system(self) -> BlockingDatabase:
        """The same past the rules."""
        return BlockingDatabase(self._ask, Place(True, self._place.transaction))

    def batch(self, operations: Sequence[Mapping[str, Any]]) -> Any:
        """All of the operations, or none."""
        return (self._ask(requests.WRITE, self._place.body({"operations": operations})))["results"]

    def transaction(self, callback: Callable[[BlockingDatabase], Any]) -> Any:
        """Runs a callback with a database whose changes are kept together, or not at all."""
        for attempt in range(requests.TRIES + 1):
            id = (self._ask(requests.TRANSACTION, {"action": "begin"}))["transaction_id"]
            try:
                result = callback(BlockingDatabase(self._ask, Place(self._place.system, id)))
                self._ask(requests.TRANSACTION, {"action": "commit", "transaction": id})
                return result
            except BaseException as error:
                self._roll_back(id)
                is_conflict = isinstance(error, DatabaseError) and error.is_conflict
                if not is_conflict or attempt == requests.TRIES:
                    raise
            time.sleep(random.random() * 0.02 * (attempt + 1))
        raise AssertionError("the last attempt returns or raises")

    def _roll_back(self, id: str) -> None:
        try:
            self._ask(requests.TRANSACTION, {"action": "rollback", "transaction": id})
        except Exception:
            # What has ended already cannot be rolled back, and need not be.
            return


class BlockingFunctions:
    """`ctx.fn`: other functions, as attributes or by name."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def __call__(self, name: str, input: Any = None) -> Any:
        body = {"input": {} if input is None else input}
        return (self._ask(requests.function(name), body, function_refusal))["output"]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda input=None: self(name, input)
