"""TCP ports of this machine's loopback interface."""

import socket

from portal.operations.runtime import OperationsError


def free_port() -> int:
    """A port nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refuse_taken(ports: dict[str, int]) -> None:
    """`ports`: what for → port. Raises OperationsError naming the first that this account cannot listen on."""
    for purpose, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OverflowError as error:
                raise OperationsError(f"{port} ({purpose}) is no port: the highest is 65535.") from error
            except PermissionError as error:
                raise OperationsError(
                    f"Port {port} ({purpose}) is not for this account to listen on; choose ports above 1023."
                ) from error
            except OSError as error:
                raise OperationsError(
                    f"Port {port} ({purpose}) is taken by another program; stop that one, or choose another port with "
                    "PORTAL_DEMO_PORT_BASE or, without the demo, the setting PORTAL_…_BIND of that process."
                ) from error
