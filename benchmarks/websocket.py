"""Just enough of WebSocket (RFC 6455) for thousands of agents in one process: whole frames, no extension."""

import base64
import os
from collections.abc import Iterator

BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
_FIN, _MASKED = 0x80, 0x80
_SHORT, _MEDIUM = 126, 127


def upgrade(path: str, authorization: str) -> bytes:
    """The request that opens a WebSocket."""
    nonce = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\nAuthorization: {authorization}\r\n\r\n"
    ).encode()


def frame(payload: bytes, opcode: int = BINARY, *, masked: bool = True) -> bytes:
    """A frame; a client's is masked, with zeros, which cost nothing."""
    mask = _MASKED if masked else 0
    size = len(payload)
    if size < _SHORT:
        head = bytes((_FIN | opcode, mask | size))
    elif size < 1 << 16:
        head = bytes((_FIN | opcode, mask | _SHORT)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FIN | opcode, mask | _MEDIUM)) + size.to_bytes(8, "big")
    return head + (bytes(4) if masked else b"") + payload


def take(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """(opcode, payload) of each whole unmasked frame, which is taken out of `buffer`."""
    while len(buffer) >= 2:  # noqa: PLR2004 - the shortest head
        size, start = buffer[1] & 0x7F, 2
        if size >= _SHORT:
            length = 2 if size == _SHORT else 8
            start += length
            if len(buffer) < start:
                return
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        yield opcode, payload
