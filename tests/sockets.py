"""Which sockets Python opens, by its own audit events, and which the whole process does, by strace."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCAL = ("127.0.0.1", "::1", "localhost")
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_CALLS = ("socket.connect", "socket.bind", "socket.sendto", *_LOOKUPS)
_watched: list[list[tuple[str, object]]] = []
_TRACED = re.compile(r"\b(socket|connect|bind|sendto|sendmsg|listen)\((.*)")
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')


def _hear(event: str, args: tuple[object, ...]) -> None:
    if not _watched or not event.startswith("socket."):
        return
    if event == "socket.__new__" and args[1] in (socket.AF_INET, socket.AF_INET6):
        found: tuple[str, object] = (event, args[1])
    elif event in _LOOKUPS:
        found = (event, args[0])
    elif event in _CALLS and isinstance(args[1], tuple):
        found = (event, args[1][0])
    else:
        return
    for each in _watched:
        each.append(found)


sys.addaudithook(_hear)  # for good: Python has no way to take one back


@contextmanager
def watched_sockets() -> Iterator[list[tuple[str, object]]]:
    """Collect (event, address) of every network socket that Python code makes meanwhile, in any thread; not those of native libraries."""
    seen: list[tuple[str, object]] = []
    _watched.append(seen)
    try:
        yield seen
    finally:
        _watched.remove(seen)


def is_local(address: object) -> bool:
    """Return whether an address is this machine's own and cannot be reached from another."""
    return address in _LOCAL


def traced_calls(file: Path) -> list[str]:
    """Return the lines of `strace -e trace=network` that are about the network; sockets between processes of this machine are not."""
    lines = [line for line in file.read_text(errors="replace").splitlines() if _TRACED.search(line)]
    return [line for line in lines if "AF_INET" in line]


def traced_addresses(lines: list[str]) -> set[str]:
    """Return the addresses in such lines."""
    return {found[1] or found[2] for line in lines for found in _ADDRESS.finditer(line)}
