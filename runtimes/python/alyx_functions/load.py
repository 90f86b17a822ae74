"""Loading the function, and saying where it is wrong where it does not load."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from typing import Any

from .define import Function, function_of


def load(entry: str) -> Function:
    """The function of a file; whatever is raised while it is loaded is raised here."""
    folder = os.path.dirname(entry)
    # The function's folder first, and the one above a folder of its own, where _shared is.
    for path in (os.path.dirname(folder), folder):
        sys.path.insert(0, path)
    spec = importlib.util.spec_from_file_location("alyx_function", entry)
    if spec is None or spec.loader is None:
        raise ImportError(f"{entry} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["alyx_function"] = module
    spec.loader.exec_module(module)
    return function_of(module)


def describe(error: BaseException, entry: str) -> dict[str, Any]:
    """What went wrong, with its place in the function's own source as far as it is known."""
    folder = os.path.dirname(entry)
    told: dict[str, Any] = {
        "message": "".join(traceback.format_exception_only(error)).strip().splitlines()[-1],
        "stack": "".join(traceback.format_exception(error)),
    }
    if isinstance(error, SyntaxError) and error.filename:
        place = (error.filename, error.lineno, error.offset)
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(folder + os.sep)]
        if not own:
            return told
        column = own[-1].colno
        place = (own[-1].filename, own[-1].lineno, None if column is None else column + 1)
    told["file"] = os.path.relpath(place[0], folder)
    told["line"], told["column"] = place[1], place[2]
    return told
