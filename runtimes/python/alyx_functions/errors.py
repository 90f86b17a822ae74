"""The errors that a function throws or meets."""

from __future__ import annotations

from typing import Any


class FunctionError(Exception):
    """A failure that the caller is meant to see, with a status of its own.

    Raised by a function, it travels to the client as it is; raised by
    ``ctx.fn``, it is the failure of the function that was called.
    """

    def __init__(
        self,
        message: str,
        status: int = 500,
        code: str = "FUNCTION_ERROR",
        details: Any = None,
    ) -> None:
        if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status <= 599:
            raise ValueError(f"the status of a FunctionError is 400 to 599, not {status!r}")
        super().__init__(message)
        self.message = str(message)
        self.status = status
        self.code = str(code)
        self.details = details


class DatabaseError(Exception):
    """A failed call of ``ctx.db``, as the REST API tells it."""

    def __init__(self, status: int, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    @property
    def is_conflict(self) -> bool:
        """Whether another transaction came first, so that trying again may help."""
        return self.status == 409 and self.code == "TRANSACTION_CONFLICT"


class ShapeError(ValueError):
    """A declared shape that means nothing: a fault of the function's file."""


class NotJson(Exception):
    """A value that JSON cannot say."""
