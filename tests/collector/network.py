"""Two network namespaces joined by a cable that a test may cut, and TLS at the gateway's end of it."""

import asyncio
import contextlib
import ctypes
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from portal.core import clock

HERE, THERE, WIDTH = "198.18.77.1", "198.18.77.2", 30
"""Addresses of the two ends, from the block for tests of network devices (RFC 2544)."""


def ip(*arguments: str) -> None:
    """The `ip` of iproute2. Raises CalledProcessError."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def missing() -> str:
    """Why this machine cannot do it, or nothing."""
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    try:
        with cable() as made, made.listen() as server, into(made.namespace):
            socket.create_connection(server.getsockname(), 5).close()
    except subprocess.CalledProcessError as error:
        return f"no network namespaces: {error.stderr.strip()}"
    except OSError as error:
        return f"nothing passes between network namespaces: {error}"
    return ""


@dataclass(frozen=True)
class Cable:
    """The device's namespace, and the gateway's at the other end. Neither touches the machine's own network."""

    namespace: str
    gateway: str

    def inside(self, *command: str) -> list[str]:
        """A command line that runs in the device's namespace."""
        return ["ip", "netns", "exec", self.namespace, *command]

    def listen(self) -> socket.socket:
        """A socket that listens at HERE, in the gateway's namespace for as long as it lives."""
        with into(self.gateway):
            return socket.create_server((HERE, 0))

    def cut(self) -> None:
        """Nothing passes any more, and nobody is told."""
        ip("-n", self.gateway, "link", "set", "gateway", "down")

    def mend(self) -> None:
        """It passes again."""
        ip("-n", self.gateway, "link", "set", "gateway", "up")


@contextmanager
def into(namespace: str) -> Iterator[None]:
    """What this thread opens meanwhile belongs to that namespace. Raises OSError."""
    ours_at, theirs_at = Path("/proc/thread-self/ns/net"), Path("/run/netns", namespace)
    with ours_at.open("rb") as ours, theirs_at.open("rb") as theirs:
        _enter(theirs.fileno())
        try:
            yield
        finally:
            _enter(ours.fileno())


def _enter(descriptor: int) -> None:
    """setns(2); Python has it from 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, 0):
        raise OSError(ctypes.get_errno(), "setns")


@contextmanager
def cable() -> Iterator[Cable]:
    """Two new namespaces whose only way out is the cable between them."""
    made = Cable(f"daylight-device-{os.getpid()}", f"daylight-gateway-{os.getpid()}")
    ends = {made.namespace: ("device", THERE), made.gateway: ("gateway", HERE)}
    try:
        for name in ends:
            ip("netns", "add", name)
        ip(
            "-n",
            made.gateway,
            "link",
            "add",
            "gateway",
            "type",
            "veth",
            "peer",
            "name",
            "device",
            "netns",
            made.namespace,
        )
        for name, (interface, address) in ends.items():
            ip("-n", name, "address", "add", f"{address}/{WIDTH}", "dev", interface)
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", interface, "up")
        yield made
    finally:
        for name in ends:
            with contextlib.suppress(subprocess.CalledProcessError):
                ip("netns", "delete", name)


def certificate(folder: Path) -> Path:
    """A certificate for HERE with its key, in one PEM file; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HERE))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "gateway.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


@contextmanager
def tls_in_front(cable: Cable, port: int, pem: Path) -> Iterator[str]:
    """What stands before a gateway at `port` on this machine: takes TLS at HERE; its address for devices."""
    loop = asyncio.new_event_loop()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, behind_writer), carry(behind_reader, writer))

    server = loop.run_until_complete(asyncio.start_server(connected, sock=cable.listen(), ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"https://{HERE}:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
