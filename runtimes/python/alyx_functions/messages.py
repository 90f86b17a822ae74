"""A small strict reader of HTTP/1.1 messages, for requests and for answers.

Bodies have a `Content-Length`; there are no chunks, and one message comes at a time.
"""

from __future__ import annotations

MAX_HEAD = 32 * 1024
MAX_BODY = 256 * 1024 * 1024


class MessageError(Exception):
    """Bytes that are not a message this reader takes."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Message:
    """One message: the parts of its first line, its body, and what follows it."""

    __slots__ = ("start", "body", "keep_alive")

    def __init__(self, start: list[str], body: bytes, keep_alive: bool) -> None:
        self.start = start
        self.body = body
        self.keep_alive = keep_alive


class MessageReader:
    """Collects bytes until a message is whole."""

    __slots__ = ("_buffer", "_start", "_length", "_keep_alive", "_length_needed", "_searched")

    def __init__(self, *, length_needed: bool) -> None:
        self._length_needed = length_needed
        self._reset()

    def _reset(self) -> None:
        self._buffer = bytearray()
        self._start: list[str] | None = None
        self._length = 0
        self._keep_alive = True
        self._searched = 0

    def feed(self, data: bytes) -> Message | None:
        """Takes bytes; returns the message they complete, if they do."""
        self._buffer += data
        if self._start is None and not self._take_head():
            return None
        missing = self._length - len(self._buffer)
        if missing > 0:
            return None
        if missing < 0:
            raise MessageError(400, "a message came before the one ahead was answered")
        assert self._start is not None
        message = Message(self._start, bytes(self._buffer), self._keep_alive)
        self._reset()
        return message

    def _take_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", self._searched)
        if end > MAX_HEAD or (end < 0 and len(self._buffer) > MAX_HEAD):
            raise MessageError(431, "the head of the message is too large")
        if end < 0:
            self._searched = max(0, len(self._buffer) - 3)
            return False
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        self._start = _first_line(lines[0])
        self._read_fields(lines[1:])
        return True

    def _read_fields(self, lines: list[str]) -> None:
        length: str | None = None
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip() or "\n" in line or "\r" in line:
                raise MessageError(400, "a header is malformed")
            name = name.lower()
            if name == "transfer-encoding":
                raise MessageError(501, "a body needs a Content-Length")
            if name == "connection" and value.strip().lower() == "close":
                self._keep_alive = False
            if name == "content-length":
                if length is not None:
                    raise MessageError(400, "there are two Content-Lengths")
                length = value.strip(" \t")
        self._length = self._body_length(length)

    def _body_length(self, text: str | None) -> int:
        if text is None:
            if self._length_needed:
                raise MessageError(400, "there is no Content-Length")
            return 0
        if not text.isascii() or not text.isdigit():
            raise MessageError(400, "the Content-Length is no number")
        if len(text) > 12 or int(text) > MAX_BODY:
            raise MessageError(413, "the body is too large")
        return int(text)


def _first_line(line: str) -> list[str]:
    parts = line.split(" ", 2)
    if len(parts) != 3 or not all(parts[:2]) or "\n" in line or "\r" in line:
        raise MessageError(400, "the first line is malformed")
    return parts


_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}


def answer_bytes(status: int, body: bytes, *, keep_alive: bool = True) -> bytes:
    """Returns an answer with a JSON body, ready to be sent."""
    head = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"{'' if keep_alive else 'Connection: close' + chr(13) + chr(10)}\r\n"
    )
    return head.encode("ascii") + body


def request_bytes(path: str, token: str, body: bytes) -> bytes:
    """Returns a call to the server, ready to be sent."""
    for part in (path, token):
        if not part.isascii() or not part.isprintable() or " " in part:
            raise ValueError("the path or the internal token is malformed")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: alyx\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def answer_status(message: Message) -> int:
    """Returns the status of an answer."""
    version, status, _ = message.start
    if version != "HTTP/1.1" or len(status) != 3 or not status.isdigit():
        raise MessageError(400, "the first line of the answer is malformed")
    return int(status)
