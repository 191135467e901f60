"""The reference for memory: a WebSocket server of the same library with nothing behind it. As benchmarks.floor."""

import asyncio
import gc
import sys
from pathlib import Path

import uvloop
from aiohttp import WSMsgType, web

from benchmarks.floor import two_messages
from wire import opamp


async def serve(sample: bytes) -> None:
    """Answer the first message of each connection with the configuration; until killed."""
    first, _ = two_messages(sample)

    async def socket(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(compress=False, max_msg_size=opamp.MAX_MESSAGE)
        await response.prepare(request)
        async for message in response:
            if message.type is WSMsgType.BINARY:
                await response.send_bytes(first)
        return response

    app = web.Application()
    app.router.add_get("/v1/opamp", socket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    gc.collect()
    gc.freeze()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]).read_bytes()))
