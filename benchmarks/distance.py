"""A network of a chosen length: a TCP proxy on the loopback that gives back every byte late."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65_536


@contextmanager
def distant(port: int, round_trip: float) -> Iterator[int]:
    """The port of a proxy in front of the server at `port`, `round_trip` seconds away; bandwidth is not limited."""
    loop = asyncio.new_event_loop()
    started, end = threading.Event(), asyncio.Event()
    found: list[int] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_late(reader, to_server[1], round_trip / 2), _late(to_server[0], writer, round_trip / 2))

    async def run() -> None:
        async with await asyncio.start_server(visit, "127.0.0.1", 0) as server:
            found.append(int(server.sockets[0].getsockname()[1]))
            started.set()
            await end.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    started.wait()
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(end.set)


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on what comes, each chunk `seconds` after it came, in its order; what follows does not wait for it."""
    due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def deliver() -> None:
        with suppress(ConnectionError):
            while True:
                at, chunk = await due.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if not chunk:
                    writer.close()
                    return
                writer.write(chunk)
                await writer.drain()

    delivering = asyncio.create_task(deliver())
    chunk = b"-"
    while chunk:
        try:
            chunk = await reader.read(CHUNK)
        except ConnectionError:
            chunk = b""
        due.put_nowait((loop.time() + seconds, chunk))
    await delivering
