"""As much of HTTP/1.1 as a control interface needs: one request for each connection, JSON both ways.

Source: RFC 9112. What is not understood is refused; nothing is guessed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 1024 * 1024
PATIENCE_S = 10.0
"""How long a client may take to send its request."""


class HttpError(Exception):
    """A request that is answered with an error; the text says what was wrong."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class HttpRequest(NamedTuple):
    """`path` in parts, decoded; `body` is what its JSON means, None without a body."""

    method: str
    path: tuple[str, ...]
    body: Any = None


class HttpAnswer(NamedTuple):
    """What is answered; a body of None is no body."""

    body: Any
    status: HTTPStatus = HTTPStatus.OK


Handle = Callable[[HttpRequest], Awaitable[HttpAnswer]]


async def serve_http(handle: Handle, host: str, port: int) -> asyncio.Server:
    """Listen and answer until the server is closed. Raises OSError where the address cannot be had."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(_encode(await _answer(handle, reader)))
            await writer.drain()
        except ConnectionError:
            pass  # the client has gone; what it asked for is done
        finally:
            writer.close()

    return await asyncio.start_server(converse, host, port, limit=MAX_HEAD_BYTES)


async def _answer(handle: Handle, reader: asyncio.StreamReader) -> HttpAnswer:
    try:
        async with asyncio.timeout(PATIENCE_S):
            request = await _read(reader)
        return await handle(request)
    except HttpError as error:
        return HttpAnswer({"error": error.message}, error.status)
    except TimeoutError:
        return HttpAnswer({"error": "the request did not come in time"}, HTTPStatus.REQUEST_TIMEOUT)


async def _read(reader: asyncio.StreamReader) -> HttpRequest:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        raise HttpError(HTTPStatus.BAD_REQUEST, "the request ends within its head") from None
    except asyncio.LimitOverrunError:
        raise HttpError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head is too long") from None
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise HttpError(HTTPStatus.BAD_REQUEST, "this is no HTTP/1.1 request")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    path = tuple(unquote(part) for part in urlsplit(words[1]).path.split("/") if part)
    return HttpRequest(words[0], path, await _read_body(reader, fields))


async def _read_body(reader: asyncio.StreamReader, fields: dict[str, str]) -> Any:
    if "transfer-encoding" in fields:
        raise HttpError(HTTPStatus.NOT_IMPLEMENTED, "send a body with Content-Length")
    length = fields.get("content-length", "0")
    if not length.isascii() or not length.isdecimal():
        raise HttpError(HTTPStatus.BAD_REQUEST, f"Content-Length: {length!r} is no number")
    if int(length) > MAX_BODY_BYTES:
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {MAX_BODY_BYTES} bytes")
    try:
        data = await reader.readexactly(int(length))
        return json.loads(data) if data.strip() else None
    except asyncio.IncompleteReadError:
        raise HttpError(HTTPStatus.BAD_REQUEST, "the request ends within its body") from None
    except (ValueError, RecursionError) as error:
        raise HttpError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from None


def _encode(answer: HttpAnswer) -> bytes:
    body = b"" if answer.body is None else json.dumps(answer.body, indent=2).encode() + b"\n"
    head = (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
