"""How the identity provider is asked: no redirect, one deadline for the whole answer, a limit to its size.

The timeouts of requests hold for each wait on the network: who sends a byte now and then keeps it waiting for ever.
Web and vault both ask this way, so that a proxy and a company's own certificates count for both or for neither.
"""

import http.client
import io
import socket
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from portal.core.authorities import authorities
from portal.core.values import LOOPBACK

TIMEOUT_S: Final = 5.0
"""For connecting, and until the first byte."""
WITHIN_S: Final = 8.0
"""For the whole answer, headers included, from the request on."""
LONGEST_ANSWER: Final = 1 << 18

Session = TypeVar("Session", bound=requests.Session)


class AnswerError(requests.RequestException):
    """The answer is longer than anything that is asked for."""


def session(address: str) -> requests.Session:
    """Asks at `address`, and is good for one request: the deadline begins with its connection."""
    return bounded(requests.Session(), address)


def bounded(asking: Session, address: str) -> Session:
    """`asking`, held to deadline and size. Of its environment only the proxy counts, and never for this machine."""
    asking.trust_env = False  # else a .netrc speaks in our name, and other variables name other authorities
    asking.verify = authorities()
    asking.proxies = {} if urlsplit(address).hostname in LOOPBACK else get_environ_proxies(address)
    for scheme in ("https://", "http://"):
        asking.mount(scheme, _Adapter())
    return asking


class _Until(io.RawIOBase):
    """The bytes of a socket until a moment of the monotonic clock; then TimeoutError."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._until = until

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """What comes next; never waits longer than is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(min(left, TIMEOUT_S))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *about: Any, until: float, **more: Any) -> None:
        super().__init__(sock, *about, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Until(sock, until))


class _Connection(HTTPConnection):
    def __init__(self, *about: Any, **more: Any) -> None:
        super().__init__(*about, **more)
        self.response_class = partial(_Response, until=time.monotonic() + WITHIN_S)  # type: ignore[assignment]


class _TlsConnection(HTTPSConnection):
    def __init__(self, *about: Any, **more: Any) -> None:
        super().__init__(*about, **more)
        self.response_class = partial(_Response, until=time.monotonic() + WITHIN_S)  # type: ignore[assignment]


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """Reads the whole answer itself, so that whoever uses the session gets one that is within bounds."""

    def init_poolmanager(self, *about: Any, **more: Any) -> None:
        super().init_poolmanager(*about, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, *about: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(*about, **more)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager

    def send(self, request: requests.PreparedRequest, *_about: Any, **more: Any) -> requests.Response:
        """The answer, read. Raises requests.RequestException."""
        told: Mapping[str, Any] = {name: more.get(name) for name in ("verify", "cert", "proxies")}
        answer = super().send(request, stream=True, timeout=TIMEOUT_S, **told)
        try:
            body = answer.raw.read(LONGEST_ANSWER + 1, decode_content=True)
        except (HTTPError, OSError) as error:
            raise requests.ConnectionError(error, request=request) from error
        finally:
            answer.close()
        if len(body) > LONGEST_ANSWER:
            raise AnswerError("the answer is too long", request=request)
        answer.raw = io.BytesIO(body)
        return answer
