"""JSON out and in: strict, with bytes as base64 and times as RFC 3339."""

from __future__ import annotations

import binascii
import json
import re
from typing import Any

from .errors import NotJson

# A whole number this long may be more than a double can hold, which the server would refuse.
_LONG_NUMBER = re.compile(r"[0-9]{309}")
_LARGEST = 2**1023 * 2 - 2**970
_LOSSY_LENGTH = 1024


def _replace(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return binascii.b2a_base64(value, newline=False).decode("ascii")
    # Told by name, so that datetime and uuid are not imported for functions without them.
    kind = (type(value).__module__, type(value).__qualname__)
    if kind == ("datetime", "datetime"):
        return _time(value)
    if kind == ("datetime", "date"):
        return value.isoformat()
    if kind == ("uuid", "UUID"):
        return str(value)
    raise NotJson(f"a {type(value).__qualname__} is not JSON")


def _time(value: Any) -> str:
    if value.tzinfo is None:
        raise NotJson("a datetime without a time zone is not JSON")
    return str(value.isoformat()).replace("+00:00", "Z")


_encoder = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_replace
)


def encode(value: Any) -> bytes:
    """Returns `value` as JSON; raises `NotJson` where it cannot be said."""
    try:
        text = _encoder.encode(value)
        if _LONG_NUMBER.search(text) is not None:
            _refuse_huge(value)
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("a text with half a surrogate pair is not JSON") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except (TypeError, ValueError) as error:
        raise NotJson(str(error)) from None


def _refuse_huge(value: Any) -> None:
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise NotJson("a whole number is too large for JSON's readers")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for item in value:
        _refuse_huge(item)


def encode_leniently(value: Any) -> bytes:
    """Returns `value` as JSON, or the text of how Python shows it."""
    try:
        return encode(value)
    except NotJson:
        return encode(clean(_shown(value)))


def _shown(value: Any) -> str:
    try:
        return repr(value)[:_LOSSY_LENGTH]
    except Exception:  # a __repr__ of the function's own may do anything
        return f"<{type(value).__qualname__}>"


def clean(text: str) -> str:
    """Returns `text` without what UTF-8 cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def decode(body: bytes) -> Any:
    """Reads JSON; raises `ValueError` where it is none."""
    try:
        return _decoder.decode(body.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
