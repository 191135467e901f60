"""The reference for everything connected: an epoll loop that does nothing but bytes.

`python -m benchmarks.floor FILE [SIGNATURES CHECKS]`: FILE holds one configuration as the gateway sends it. Whoever
connects gets it; whoever sends `GO` makes the loop send another of the same size to all, and each answer gets an
acknowledgement. No database, no person. With numbers it also makes so many Ed25519 signatures for each configuration
it sends, and checks so many for each request and answer it gets: what no server in one process can do without, where
each person's documents are signed and each device's word is checked.
"""

import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks import websocket
from benchmarks.installation import ROOT
from wire import opamp

ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
GO = b"GO"
BACKLOG = 4096
SIGNED = 500
"""Bytes of a directive or a report."""


class Floor:
    """Accepts, answers the first two messages of each connection, broadcasts when told."""

    def __init__(self, sample: bytes, signatures: int = 0, checks: int = 0) -> None:
        self._signatures, self._checks, self._key = signatures, checks, Ed25519PrivateKey.generate()
        self._public, self._signed = self._key.public_key(), self._key.sign(sample[:SIGNED])
        self._document = sample[:SIGNED]
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.listener.setblocking(False)
        self._epoll = select.epoll()
        self._epoll.register(self.listener.fileno(), select.EPOLLIN)
        self._sockets: dict[int, socket.socket] = {}
        self._said: dict[int, int] = {}
        self._messages = [websocket.frame(message, masked=False) for message in two_messages(sample)]
        ack = opamp.ServerToAgent(instance_uid=bytes(16))
        ack.custom_message.CopyFrom(opamp.report(bytes(32)))
        self._ack = websocket.frame(opamp.to_frame(ack), masked=False)
        self._rounds = 0

    def serve(self) -> None:
        """Until killed."""
        while True:
            for fd, _ in self._epoll.poll():
                if fd == self.listener.fileno():
                    self._accept()
                else:
                    self._hear(fd)

    def _accept(self) -> None:
        while True:
            try:
                made, _ = self.listener.accept()
            except BlockingIOError:
                return
            self._sockets[made.fileno()], self._said[made.fileno()] = made, 0
            self._epoll.register(made.fileno(), select.EPOLLIN)

    def _hear(self, fd: int) -> None:
        try:
            data = self._sockets[fd].recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            self._sockets.pop(fd).close()
        elif data == GO:
            self._broadcast(fd)
        else:
            said, self._said[fd] = self._said[fd], self._said[fd] + 1
            if said != 1:
                self._check()
            else:
                self._sign()
            self._sockets[fd].send((ACCEPTED, self._messages[0])[said] if said < len(self._messages) else self._ack)

    def _broadcast(self, asker: int) -> None:
        self._rounds += 1
        message = self._messages[self._rounds % 2]
        for fd, one in self._sockets.items():
            if fd != asker:
                self._sign()
                one.send(message)

    def _sign(self) -> None:
        for _ in range(self._signatures):
            self._key.sign(self._document)

    def _check(self) -> None:
        for _ in range(self._checks):
            self._public.verify(self._signed, self._document)


def two_messages(sample: bytes) -> tuple[bytes, bytes]:
    """The configuration in `sample`, and one of the same size with another directive."""
    message = opamp.server_message(sample, framed=True)
    directive = message.remote_config.config.config_map["directive"]
    directive.body = directive.body[:-1] + b"?"
    return sample, opamp.to_frame(message)


@contextmanager
def floor(
    sample: bytes, folder: Path, module: str = "benchmarks.floor", *, signatures: int = 0, checks: int = 0
) -> Iterator["subprocess.Popen[str]"]:
    """The reference as a process of its own; it prints its port first."""
    file = folder / "sample"
    file.write_bytes(sample)
    command = [sys.executable, "-m", module, str(file), str(signatures), str(checks)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process: "subprocess.Popen[str]") -> int:
    """The port that the process printed."""
    if process.stdout is None:
        raise ValueError("started without a pipe")
    return int(process.stdout.readline())


if __name__ == "__main__":
    serving = Floor(Path(sys.argv[1]).read_bytes(), *map(int, sys.argv[2:]))
    print(serving.listener.getsockname()[1], flush=True)
    serving.serve()
