#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
An echo server, and a client that has many connections at the same time.

  echo.py serve PORT                 IPv4 and IPv6
  echo.py client ADDRESS PORT N      N connections open together, each sends a
                                     text of its own and gets it back

The client prints "N connections" and waits for a line on its stdin before it
closes them, so that the caller can look at their sessions.
"""
import asyncio
import sys


async def answer(reader, writer):
    while True:
        data = await reader.read(65536)
        if not data:
            break
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve(port):
    server = await asyncio.start_server(answer, None, port, backlog=1024)
    async with server:
        await server.serve_forever()


async def talk(address, port, number, gate):
    async with gate:
        reader, writer = await asyncio.open_connection(address, port)
    text = ("connection %d\n" % number).encode() * 50
    writer.write(text)
    if await reader.readexactly(len(text)) != text:
        raise ValueError("connection %d got something else" % number)
    return writer


async def client(address, port, count):
    gate = asyncio.Semaphore(64)
    writers = await asyncio.gather(*[talk(address, port, number, gate)
                                     for number in range(count)])
    print("%d connections" % len(writers), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    for writer in writers:
        writer.close()
    await asyncio.gather(*[writer.wait_closed() for writer in writers])


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(int(sys.argv[2])))
    else:
        asyncio.run(client(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
