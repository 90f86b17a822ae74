"""An input against the shape that a function declares. See "Shapes" in ../../README.md."""

from __future__ import annotations

import binascii
import functools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import ShapeError

_TYPES = ("string", "number", "integer", "boolean", "array", "object", "bytes", "any")
_KEYS = frozenset(
    "type optional required nullable default minLength maxLength pattern enum minimum maximum items minItems maxItems"
    " properties".split()
)
_MISSING = object()
#: Most faults that are told.
_MOST = 1000

Faults = list[dict[str, str]]


def check_shape(shape: Any, where: str = "input") -> None:
    """Raises `ShapeError` where a shape means nothing."""
    if not isinstance(shape, Mapping):
        raise ShapeError(f"{where} must be a dict from fields to what they must be")
    for name, field in shape.items():
        _check_field(field, f"{where}.{name}")


def _check_field(field: Any, where: str) -> None:
    rule = _whole(field)
    if not isinstance(rule, Mapping) or rule.get("type") not in _TYPES:
        raise ShapeError(f"{where}: the type must be one of {', '.join(_TYPES)}")
    for key in rule:
        if key not in _KEYS:
            raise ShapeError(f"{where}: there is no {key!r} in a shape")
    if "pattern" in rule:
        _pattern(rule["pattern"])
    if "items" in rule:
        _check_field(rule["items"], f"{where}[]")
    if "properties" in rule:
        check_shape(rule["properties"], where)


_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


@functools.cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern that means what it means in Node and Go: `$` is the very end, classes are ASCII."""
    pieces = (r"\Z" if piece == "$" else piece for piece in _PIECE.findall(pattern))
    return re.compile("".join(pieces), re.ASCII)


def _whole(field: Any) -> Any:
    return {"type": field} if isinstance(field, str) else field


def validate(shape: Mapping[str, Any], input: Any) -> tuple[Any, Faults]:
    """Returns the input as the handler gets it, and every fault."""
    faults: Faults = []
    return _fields(shape, input, "", faults), faults


def _refuse(faults: Faults, field: str, code: str, message: str) -> Any:
    if len(faults) < _MOST:
        faults.append({"field": field, "code": code, "message": message})
    return _MISSING


def _fields(shape: Mapping[str, Any], input: Any, path: str, faults: Faults) -> Any:
    if not isinstance(input, dict):
        return _refuse(faults, path, "TYPE", "must be an object")
    value: dict[str, Any] = {}
    prefix = f"{path}." if path else ""
    for name, field in shape.items():
        rule = _whole(field)
        if name in input:
            value[name] = _one(rule, input[name], prefix + name, faults)
        elif "default" in rule:
            value[name] = _copy(rule["default"])
        elif rule.get("optional") is not True and rule.get("required") is not False:
            _refuse(faults, prefix + name, "REQUIRED", "is required")
    for name in input:
        if name not in shape:
            _refuse(faults, prefix + name, "UNKNOWN_FIELD", "is no field of the input")
    return value


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _one(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    kind = rule["type"]
    if value is None and kind != "any":
        if rule.get("nullable"):
            return None
        return _refuse(faults, path, "TYPE", f"must be {_article(kind)}, not null")
    checked = _KINDS[kind](rule, value, path, faults)
    allowed = rule.get("enum")
    if allowed is not None and checked is not _MISSING and not any(_same(checked, each) for each in allowed):
        return _refuse(faults, path, "NOT_ALLOWED", f"must be one of {', '.join(map(repr, allowed))}")
    return checked


def _same(left: Any, right: Any) -> bool:
    # True equals 1 in Python, and not in JSON.
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _wrong(rule: Mapping[str, Any], path: str, faults: Faults) -> Any:
    return _refuse(faults, path, "TYPE", f"must be {_article(rule['type'])}")


def _any(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    return value


def _boolean(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    return value if isinstance(value, bool) else _wrong(rule, path, faults)


def _string(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, str):
        return _wrong(rule, path, faults)
    fits = _length(rule, len(value), "characters", path, faults)
    if "pattern" in rule and _pattern(rule["pattern"]).search(value) is None:
        return _refuse(faults, path, "PATTERN", f"must match {rule['pattern']}")
    return value if fits else _MISSING


def _number(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    # Python reads 1e400 as infinity.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value in (math.inf, -math.inf):
        return _wrong(rule, path, faults)
    return _range(rule, value, path, faults)


def _integer(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        return _wrong(rule, path, faults)
    return _range(rule, value, path, faults)


def _bytes(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, str):
        return _wrong(rule, path, faults)
    try:
        decoded = binascii.a2b_base64(value.encode("ascii"), strict_mode=True)
    except ValueError:
        return _refuse(faults, path, "NOT_BASE64", "must be base64")
    return decoded if _length(rule, len(decoded), "bytes", path, faults) else _MISSING


def _array(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, list):
        return _wrong(rule, path, faults)
    if len(value) < rule.get("minItems", 0):
        _refuse(faults, path, "TOO_FEW", f"needs {rule['minItems']} items or more")
    if len(value) > rule.get("maxItems", len(value)):
        _refuse(faults, path, "TOO_MANY", f"takes {rule['maxItems']} items at most")
    if "items" not in rule:
        return value
    items = _whole(rule["items"])
    return [_one(items, item, f"{path}[{index}]", faults) for index, item in enumerate(value)]


def _object(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, dict):
        return _wrong(rule, path, faults)
    return value if "properties" not in rule else _fields(rule["properties"], value, path, faults)


def _length(rule: Mapping[str, Any], count: int, unit: str, path: str, faults: Faults) -> bool:
    if count < rule.get("minLength", 0):
        _refuse(faults, path, "TOO_SHORT", f"needs {rule['minLength']} {unit} or more")
        return False
    if count > rule.get("maxLength", count):
        _refuse(faults, path, "TOO_LONG", f"takes {rule['maxLength']} {unit} at most")
        return False
    return True


def _range(rule: Mapping[str, Any], value: Any, path: str, faults: Faults) -> Any:
    if "minimum" in rule and value < rule["minimum"]:
        return _refuse(faults, path, "TOO_SMALL", f"must be {rule['minimum']} or more")
    if "maximum" in rule and value > rule["maximum"]:
        return _refuse(faults, path, "TOO_BIG", f"must be {rule['maximum']} or less")
    return value


_KINDS: dict[str, Callable[[Mapping[str, Any], Any, str, Faults], Any]] = {
    "any": _any,
    "array": _array,
    "boolean": _boolean,
    "bytes": _bytes,
    "integer": _integer,
    "number": _number,
    "object": _object,
    "string": _string,
}
