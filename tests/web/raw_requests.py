"""Requests that two servers in a row may read differently (RFC 9112, 11.2), and bytes that are no request."""

import socket

SECONDS = 30
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"POST /healthz HTTP/1.1", b"Host: localhost", *headers, b"", body])


def _get(*headers: bytes, line: bytes = b"GET /healthz HTTP/1.1") -> bytes:
    return b"\r\n".join([line, *headers, b"", b""])


AMBIGUOUS = {
    "length and chunks": _post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": _post(b"Content-Length: 0", b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED),
    "a list of lengths": _post(b"Content-Length: 0, 44", body=SMUGGLED),
    "length with a sign": _post(b"Content-Length: +0", body=SMUGGLED),
    "length below zero": _post(b"Content-Length: -1", body=SMUGGLED),
    "length in other digits": _post("Content-Length: \u0660".encode(), body=SMUGGLED),
    "length with an underscore": _post(b"Content-Length: 4_4", body=SMUGGLED),
    "chunked twice": _post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunked and more": _post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED),
    "nearly chunked": _post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunked behind a vertical tab": _post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "space before the colon": _post(b"Content-Length : %d" % len(SMUGGLED), body=SMUGGLED),
    "folded header": _post(b"X: a", b" Content-Length: 44", body=SMUGGLED),
    "chunk size with 0x": _post(b"Transfer-Encoding: chunked", body=b"0x0\r\n\r\n" + SMUGGLED),
    "chunk size with a sign": _post(b"Transfer-Encoding: chunked", body=b"-0\r\n\r\n" + SMUGGLED),
    "chunk longer than told": _post(b"Transfer-Encoding: chunked", body=b"1\r\nabc\r\n0\r\n\r\n" + SMUGGLED),
    "NUL in a value": _get(b"Host: localhost", b"X: a\x00b"),
    "carriage return in a value": _get(b"Host: localhost", b"X: a\rContent-Length: 4"),
    "two hosts": _get(b"Host: localhost", b"Host: evil.example"),
    "no host": _get(),
    "a name with a space": _get(b"Host: localhost", b"X Y: z"),
    "a name with a NUL": _get(b"Host: localhost", b"X\x00: z"),
    "no version": _get(b"Host: localhost", line=b"GET /healthz"),
    "another version": _get(b"Host: localhost", line=b"GET /healthz HTTP/9.9"),
    "second space": _get(b"Host: localhost", line=b"GET /healthz /admin HTTP/1.1"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
}


def status_lines(port: int, raw: bytes, quiet: float = 1) -> list[bytes]:
    """The status lines of all that comes back, until the server closes, or is quiet for so long after an answer."""
    told = b""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(raw)
        try:
            while part := connection.recv(65536):
                told += part
                connection.settimeout(quiet)
        except (TimeoutError, ConnectionError):
            pass
    return [line.rstrip(b"\r") for line in told.split(b"\n") if line.startswith(b"HTTP/1.")]
