"""The local door: AI tools of the same user hand in prompts and answers here. No port, no other user, no reading.

One JSON object per line: {"context": str, "turns": [{"role": "user"|"assistant", "text": str}, …]}; the answer is
{"recorded": bool} or {"error": sentence}.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collector.agent import Agent
from collector.language import marked
from wire.content import ROLES

NAME = "prompts.sock"
LONGEST_LINE = 1 << 20
LONGEST_PATH = 100
PATIENCE_S = 10
_CREDENTIALS = struct.Struct("3i")


class PromptError(ValueError):
    """What came is not a prompt; the message is a sentence."""


async def serve(agent: Agent) -> None:
    """Serves the socket until cancelled. Does nothing where there are no Unix sockets."""
    if not hasattr(socket, "AF_UNIX") or not hasattr(asyncio, "start_unix_server"):
        return
    with short_path(agent.state.path) as folder:
        (folder / NAME).unlink(missing_ok=True)
        server = await asyncio.start_unix_server(
            lambda reader, writer: _answer(agent, reader, writer), path=str(folder / NAME), limit=LONGEST_LINE
        )
        (folder / NAME).chmod(0o600)
        async with server:
            await server.serve_forever()


async def _answer(agent: Agent, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        if same_user(writer.get_extra_info("socket")):
            answer = await _answer_to(agent, reader)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
    writer.close()


async def _answer_to(agent: Agent, reader: asyncio.StreamReader) -> dict[str, Any]:
    try:
        line = await asyncio.wait_for(reader.readline(), PATIENCE_S)
    except ValueError:
        return {"error": marked("longer than 1 MiB")}
    return _take(agent, line)


def _take(agent: Agent, line: bytes) -> dict[str, Any]:
    try:
        context, turns = parse(json.loads(line))
    except PromptError as error:
        return {"error": str(error)}
    except (ValueError, RecursionError):
        return {"error": marked("not JSON")}
    return {"recorded": agent.recorder.prompt(context, turns)}


def parse(value: Any) -> tuple[str, list[tuple[str, str]]]:
    """Context and turns (role, text) of a handed-in prompt. Raises PromptError."""
    if not isinstance(value, dict) or not isinstance(value.get("context"), str):
        raise PromptError(marked("a context is missing"))
    turns = value.get("turns")
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise PromptError(marked("turns are missing"))
    pairs = [(turn.get("role"), turn.get("text")) for turn in turns]
    if not all(role in ROLES and isinstance(text, str) for role, text in pairs):
        raise PromptError(marked("a turn has a role (user or assistant) and a text"))
    return value["context"], [(str(role), str(text)) for role, text in pairs]


def same_user(connection: Any) -> bool:
    """Whether the other end of a Unix socket is a process of this user (SO_PEERCRED; LOCAL_PEERCRED of macOS)."""
    if sys.platform == "linux":
        data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, uid, _ = _CREDENTIALS.unpack(data)
    else:
        # struct xucred: version, uid, …; level 0, option LOCAL_PEERCRED = 1.
        uid = struct.unpack_from("Ii", connection.getsockopt(0, 1, 76))[1]
    return bool(uid == os.getuid())


def hand_in(folder: Path, value: dict[str, Any]) -> dict[str, Any]:
    """Hands a prompt to the collector running on that state directory.

    Raises OSError if none listens, PromptError if it is too long or too deep for the door.
    """
    try:
        line = json.dumps(value).encode() + b"\n"
    except RecursionError as error:
        raise PromptError(marked("not JSON")) from error
    if len(line) > LONGEST_LINE:
        raise PromptError(marked("longer than 1 MiB"))
    with short_path(folder) as short, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_S)
        connection.connect(str(short / NAME))
        connection.sendall(line)
        answer = b""
        while not answer.endswith(b"\n"):
            piece = connection.recv(65536)
            if not piece:
                break
            answer += piece
    parsed = json.loads(answer or b"{}")
    return parsed if isinstance(parsed, dict) else {}


@contextlib.contextmanager
def short_path(folder: Path) -> Iterator[Path]:
    """The folder under a name that fits into a socket address, which holds little more than a hundred bytes."""
    if len(os.fsencode(folder / NAME)) <= LONGEST_PATH or sys.platform != "linux":
        yield folder
        return
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)
