"""Loading the function, and saying where it is wrong where it does not load."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from .define import Function, function_of

_PACKAGE = "alyx_function"


def load(entry: str) -> Function:
    """The function of a file; whatever is raised while it is loaded is raised here."""
    folder = os.path.dirname(entry)
    _look_in(folder)
    # A package, so that `from ._shared import text` works in the function's file.
    package = ModuleType(_PACKAGE)
    package.__path__ = [folder]
    sys.modules[_PACKAGE] = package
    name = f"{_PACKAGE}.{os.path.splitext(os.path.basename(entry))[0]}"
    spec = importlib.util.spec_from_file_location(name, entry)
    if spec is None or spec.loader is None:
        raise ImportError(f"{entry} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return function_of(module)


def _look_in(folder: str) -> None:
    # After the standard library: a function called email.py must not stand in for `email`.
    standard = os.path.dirname(os.__file__)
    own = [at for at, path in enumerate(sys.path) if path in (standard, os.path.join(standard, "lib-dynload"))]
    sys.path.insert(own[-1] + 1 if own else len(sys.path), folder)
    sys.meta_path.append(_SharedFinder(os.path.dirname(folder)))


class _SharedFinder:
    """Finds `_shared` above a function that has a folder of its own, and nothing else there."""

    def __init__(self, parent: str) -> None:
        self._parent = parent

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        """Where `_shared` is, if that is what is looked for."""
        if name not in ("_shared", f"{_PACKAGE}._shared"):
            return None
        return PathFinder.find_spec(name, [self._parent])


def _root(folder: str) -> str:
    """The folder that holds all code of the function, what is shared too: the one called `function`, if there is one."""
    parts = folder.split(os.sep)
    if "function" not in parts:
        return folder
    return os.sep.join(parts[: len(parts) - parts[::-1].index("function")])


def describe(error: BaseException, entry: str) -> dict[str, Any]:
    """What went wrong, with its place in the function's own source as far as it is known."""
    root = _root(os.path.dirname(entry))
    told: dict[str, Any] = {
        "message": "".join(traceback.format_exception_only(error)).strip().splitlines()[-1],
        "stack": "".join(traceback.format_exception(error)),
    }
    if isinstance(error, SyntaxError) and error.filename:
        place = (error.filename, error.lineno, error.offset)
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(root + os.sep)]
        if not own:
            return told
        column = own[-1].colno
        place = (own[-1].filename, own[-1].lineno, None if column is None else column + 1)
    told["file"] = os.path.relpath(place[0], root)
    told["line"], told["column"] = place[1], place[2]
    return told
