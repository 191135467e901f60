"""Sessions with a server of HiveServer2's protocol that does not answer every word."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from TCLIService import TCLIService, ttypes
from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
from thrift.server.TServer import TThreadedServer
from thrift.transport.TSocket import TServerSocket
from thrift.transport.TTransport import TBufferedTransportFactory

from portal.operations.ports import free_port
from portal.sources.connectors.hive import sessions
from portal.sources.connectors.hive.sessions import Address, Sessions

DONE = ttypes.TStatus(ttypes.TStatusCode.SUCCESS_STATUS)
HANDLE = ttypes.THandleIdentifier(b"1" * 16, b"2" * 16)
STATEMENT = ttypes.TOperationHandle(HANDLE, ttypes.TOperationType.EXECUTE_STATEMENT, hasResultSet=False)


class Listening(TServerSocket):  # type: ignore[misc]
    """Says when it listens."""

    def listen(self) -> None:
        """Listen."""
        super().listen()
        self.ready.set()


class Server(TCLIService.Iface):  # type: ignore[misc]
    """Knows only statements without a result. The end of a session it answers when out of patience, as Spark did."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked, self.told = threading.Semaphore(0), threading.Event()
        self.lost_patience = False

    def OpenSession(self, _request: Any) -> Any:
        version = ttypes.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V6
        return ttypes.TOpenSessionResp(DONE, version, ttypes.TSessionHandle(HANDLE))

    def ExecuteStatement(self, request: Any) -> Any:
        self.said.append(request.statement)
        return ttypes.TExecuteStatementResp(DONE, STATEMENT)

    def CloseOperation(self, _request: Any) -> Any:
        return ttypes.TCloseOperationResp(DONE)

    def CloseSession(self, _request: Any) -> Any:
        self.asked.release()
        self.lost_patience |= not self.told.wait(30)
        return ttypes.TCloseSessionResp(DONE)


@pytest.fixture
def server() -> Iterator[tuple[Server, Sessions]]:
    known, port = Server(), free_port()
    listening = Listening("127.0.0.1", port)
    listening.ready = threading.Event()
    served = TThreadedServer(
        TCLIService.Processor(known), listening, TBufferedTransportFactory(), TBinaryProtocolFactory(), daemon=True
    )
    threading.Thread(target=served.serve, daemon=True).start()
    assert listening.ready.wait(30)
    yield known, Sessions(Address(f"hive://127.0.0.1:{port}/?auth=NOSASL"))
    known.told.set()


def test_R03_a_server_that_never_ends_a_session_holds_nobody_up(
    server: tuple[Server, Sessions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "END_MS", 50)
    known, pool = server
    assert pool.rows("one") == []
    assert pool.rows("two", fresh=True) == []
    pool.close()
    assert [word for word in known.said if word in {"one", "two"}] == ["one", "two"]
    assert known.asked.acquire(timeout=30), "the first session was told to end"
    assert known.asked.acquire(timeout=30), "and the second"
    assert not known.lost_patience, "nobody waited for its answer"
