"""JPEGs over HTTP as cameras really send them: endless multipart answers of any make, or one image per request."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

_START, _FIRST, _END = b"\xff\xd8\xff", b"\xff\xd8", b"\xff\xd9"
_SCAN, _SOI, _EOI, _FILL = 0xDA, 0xD8, 0xD9, 0xFF
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_MAX_BYTES = 32_000_000  # of one image
_CHUNK = 65_536
_PAUSE_S = 0.1  # between two requests for single images


def open_jpegs(url: str, timeout_s: float, closing: Callable[[], bool]) -> tuple[Any, Iterator[bytes]] | None:
    """Ask an http address for JPEGs: return what is to be closed and the images' bytes, or None if it sends something else.

    Args:
        url: with name and password if it needs them.
        timeout_s: how long nothing may come.
        closing: returns whether nobody wants more.

    Raises:
        OSError: nobody answers, or not in time; also later, from the iterator.
        HTTPException: what answers does not speak HTTP.
    """
    opener, plain = _opener(url)
    response = opener.open(plain, timeout=timeout_s)
    kind = response.headers.get_content_type()
    if kind.startswith("multipart/") or kind in ("video/x-motion-jpeg", "video/x-mjpeg", "video/mjpeg"):
        return response, split_jpegs(_chunks(response))
    if kind in ("image/jpeg", "image/jpg", "image/pjpeg"):
        return response, _single(opener, plain, timeout_s, response, closing)
    response.close()
    return None


def split_jpegs(chunks: Iterator[bytes]) -> Iterator[bytes]:
    r"""Cut JPEGs out of a stream of bytes by their own structure: boundaries, part headers and lengths are often missing or wrong.

    An image whose end is missing ends where the next one begins.

    >>> [len(jpeg) for jpeg in split_jpegs(iter([b"--xyz noise" + _START + b"\xda\0\x02ab", b"c" + _END + b"more"]))]
    [11]

    Raises:
        OSError: an image is far too large, or there is none at all.
    """
    buffer, searched = bytearray(), 0
    for chunk in chunks:
        buffer += chunk
        while True:
            begin = buffer.find(_START)
            if begin < 0:
                searched += len(buffer) - 2
                del buffer[:-2]  # a start may be torn in two
                if searched > _MAX_BYTES:
                    raise OSError("it sends no JPEG images")
                break
            searched = 0
            del buffer[:begin]
            end, whole = _end(buffer)
            if end is None:
                if len(buffer) > _MAX_BYTES:
                    raise OSError("it sends an image that never ends")
                break
            if end > len(_FIRST):
                yield bytes(buffer[:end]) + (b"" if whole else _END)
            del buffer[:end]


def _end(data: bytearray) -> tuple[int | None, bool]:
    """Return where the JPEG at the front ends and whether its own end is there; None while it continues; 2 for what is no JPEG."""
    at = len(_FIRST)
    while at + 4 <= len(data):
        marker = data[at + 1]
        if data[at] != _FILL:
            return len(_FIRST), False
        if marker == _EOI:
            return at + 2, True
        if marker == _SOI:
            return at, False
        if marker == _FILL:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
            while marker == _SCAN and (at := data.find(b"\xff", at)) >= 0:
                if at + 2 > len(data):
                    return None, False
                if data[at + 1] and data[at + 1] not in _WITHOUT_LENGTH and data[at + 1] != _FILL:
                    break  # the next marker
                at += 1
            if at < 0:
                return None, False
    return (at + 2, True) if bytes(data[at : at + 2]) == _END else (None, False)


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read1(_CHUNK):
        yield chunk


def _all_of(response: HTTPResponse) -> Iterator[bytes]:
    """Yield the JPEG of an answer, as it is if it has no end; or one after the other where the answer never ends."""
    kept: list[bytes] = []  # until there is a whole image
    whole = False

    def chunks() -> Iterator[bytes]:
        for chunk in _chunks(response):
            if not whole:
                kept.append(chunk)
            yield chunk

    for jpeg in split_jpegs(chunks()):
        whole = True
        kept.clear()
        yield jpeg
    if not whole:
        yield b"".join(kept)


def _single(opener: Any, url: str, timeout_s: float, first: HTTPResponse, closing: Callable[[], bool]) -> Iterator[bytes]:
    """Ask again and again."""
    response = first
    while True:
        begun = time.monotonic()
        with response:
            yield from _all_of(response)
        while (rest_s := begun + _PAUSE_S - time.monotonic()) > 0:
            time.sleep(rest_s)
        if closing():
            return
        response = opener.open(url, timeout=timeout_s)


def _opener(url: str) -> tuple[urllib.request.OpenerDirector, str]:
    """Return what opens http and https alone (a server must not lead to files), and the address without name and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    plain = urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        passwords.add_password(None, plain, unquote(parts.username), unquote(parts.password or ""))
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPBasicAuthHandler(passwords),
        urllib.request.HTTPDigestAuthHandler(passwords),
    ):
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", "stylecam"), ("Accept", "*/*")]
    return opener, plain


#: What may go wrong while asking; OSError includes timeouts and refusals.
ERRORS = (OSError, HTTPException, ValueError)
