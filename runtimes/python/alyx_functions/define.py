"""Declaring a function, and finding the one that a module declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from .errors import ShapeError
from .validate import check_shape

Handler = Callable[..., Any]


class Function:
    """A function: what its input and output must be, and what it does."""

    def __init__(
        self,
        handler: Handler,
        input: Mapping[str, Any] | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> None:
        if not callable(handler):
            raise TypeError("a function needs a handler that can be called")
        for name, shape in (("input", input), ("output", output)):
            if shape is not None:
                check_shape(shape, name)
        self.handler = handler
        self.input = input
        self.output = output

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.handler(*arguments, **named)


def define_function(
    handler: Handler | None = None,
    *,
    input: Mapping[str, Any] | None = None,
    output: Mapping[str, Any] | None = None,
) -> Any:
    """Declares a handler as the function: ``@define_function(input={...})`` over it."""
    if handler is not None:
        return Function(handler, input, output)
    return lambda decorated: Function(decorated, input, output)


def function_of(module: ModuleType) -> Function:
    """The function that a module declares: `handler`, or the only one that is defined."""
    named = getattr(module, "handler", None)
    if isinstance(named, Function):
        return named
    defined = [value for value in vars(module).values() if isinstance(value, Function)]
    if len(defined) == 1:
        return defined[0]
    if callable(named):
        return Function(named)
    if defined:
        raise ShapeError("several functions are defined; call the one to serve `handler`")
    raise ShapeError("nothing to call is defined: write `async def handler(input, ctx)`")
