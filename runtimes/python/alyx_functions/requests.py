"""What is asked of the database, the same for coroutines and threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

QUERY = "/internal/v1/db/query"
WRITE = "/internal/v1/db/exec"
TRANSACTION = "/internal/v1/db/tx"
#: Times that a transaction is tried again after a conflict.
TRIES = 5

_OPTIONS = ("where", "sort", "limit", "offset", "cursor", "expand", "fields", "total", "id")


class Place:
    """On whose behalf something is asked, and in which transaction."""

    __slots__ = ("system", "transaction")

    def __init__(self, system: bool = False, transaction: str | None = None) -> None:
        self.system = system
        self.transaction = transaction

    def body(self, rest: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a request."""
        body: dict[str, Any] = {"as": "system" if self.system else "caller", **rest}
        if self.transaction is not None:
            body["transaction"] = self.transaction
        return body


def function(name: str) -> str:
    """A function's path; a name, which may come from an input, cannot lead to another one."""
    from urllib.parse import quote  # here, as it takes its time and most functions call none

    return f"/internal/v1/functions/{quote(name, safe='')}"


def query(place: Place, collection: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A query's body; a list of texts may be one text."""
    for name in options:
        if name not in _OPTIONS:
            raise TypeError(f"{name!r} is no part of a query")
    return place.body({"collection": collection, **options})


def write(place: Place, collection: str, op: str, **rest: Any) -> dict[str, Any]:
    """A write's body."""
    return place.body({"collection": collection, "op": op, **rest})
