"""Changes that the database makes to what is stored, in one step."""

from __future__ import annotations

from typing import Any


def inc(amount: float = 1) -> dict[str, Any]:
    """Adds to a number."""
    return {"$inc": amount}


def mul(factor: float) -> dict[str, Any]:
    """Multiplies a number."""
    return {"$mul": factor}


def min_(value: Any) -> dict[str, Any]:
    """Keeps the smaller of the stored and this value."""
    return {"$min": value}


def max_(value: Any) -> dict[str, Any]:
    """Keeps the larger of the stored and this value."""
    return {"$max": value}


def push(*items: Any) -> dict[str, Any]:
    """Adds items to the end of a list."""
    return {"$push": items[0] if len(items) == 1 else {"$each": list(items)}}


def pull(item: Any) -> dict[str, Any]:
    """Removes every item that is equal to this."""
    return {"$pull": item}


def add_to_set(*items: Any) -> dict[str, Any]:
    """Adds the items that a list does not have yet."""
    return {"$addToSet": items[0] if len(items) == 1 else {"$each": list(items)}}


class Operators:
    """The same as `ctx.db.inc(1)` and so on."""

    inc = staticmethod(inc)
    mul = staticmethod(mul)
    min = staticmethod(min_)
    max = staticmethod(max_)
    push = staticmethod(push)
    pull = staticmethod(pull)
    add_to_set = staticmethod(add_to_set)
    # The name that the REST API and the other languages have.
    addToSet = staticmethod(add_to_set)
