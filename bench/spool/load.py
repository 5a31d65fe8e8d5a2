"""Clients that send mails over some connections, as Postfix does: MAIL, RCPT and DATA in one go, one mail after the other.

Each mail is sent once, whatever becomes of it, so that a server that has it twice did not get it twice from us.
"""
import asyncio
import collections
import random
import socket
import ssl
import time

from spool import child, mails

PAUSE = 0.05


class Run:
    """One load, from start to stop."""

    def __init__(self, port, connections, prefix, sizes, count=None, rate=None, seed=0, reuse=True, tls=False):
        """With reuse a connection carries many mails, otherwise one; tls says STARTTLS to whatever certificate."""
        self.reuse, self.tls = reuse, None
        if tls:
            self.tls = ssl.create_default_context()
            self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.port, self.prefix, self.left, self.rate = port, prefix, count, rate
        self.sizes, self.random, self.number = sizes, random.Random(seed), 0
        self.acked, self.unknown, self.refused = [], [], collections.Counter()
        self.seconds, self.ended = [], None
        self.begun = time.monotonic()
        self.stopping = False
        self.clients = [asyncio.ensure_future(self.client()) for _ in range(connections)]

    def next_id(self):
        if self.stopping or self.left == 0:
            return None
        if self.left is not None:
            self.left -= 1
        self.number += 1
        sizes, weights = zip(*self.sizes)
        return mails.mail_id(self.prefix, self.number, self.random.choices(sizes, weights)[0])

    async def client(self):
        while not self.stopping and self.left != 0:
            writer = None
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await self.session(reader, writer)
            except (OSError, EOFError, ValueError):
                await asyncio.sleep(PAUSE)
            finally:
                if writer:
                    writer.transport.abort()

    async def session(self, reader, writer):
        if await reply(reader) != 220:
            return
        writer.write(b"EHLO client.example\r\n")
        await reply(reader)
        if self.tls:
            writer.write(b"STARTTLS\r\n")
            await reply(reader)
            await writer.start_tls(self.tls)
            writer.write(b"EHLO client.example\r\n")
            await reply(reader)
        while True:
            if self.rate:
                await asyncio.sleep(max(0, self.begun + self.number / self.rate - time.monotonic()))
            ident = self.next_id()
            if ident is None:
                writer.write(b"QUIT\r\n")
                await reply(reader)
                return
            code = await self.mail(ident, reader, writer)
            if code == 421:
                return
            if code != 250:
                await asyncio.sleep(PAUSE)
            if not self.reuse:
                writer.write(b"QUIT\r\n")
                await reply(reader)
                return

    async def mail(self, ident, reader, writer):
        begun = time.monotonic()
        sent = False
        try:
            writer.write(b"MAIL FROM:<a@client.example>\r\nRCPT TO:<%s@dest.example>\r\nDATA\r\n" % ident.encode())
            codes = [await reply(reader) for _ in range(3)]
            code = next((c for c in codes if c >= 400), codes[-1])
            if codes[-1] == 354:
                sent = True
                writer.write(mails.stuffed(ident))
                await writer.drain()
                code = await reply(reader)
            if code == 250:
                self.acked.append(ident)
                self.seconds.append(time.monotonic() - begun)
            else:
                self.refused[code] += 1
            self.ended = time.monotonic()
            return code
        except (OSError, EOFError, ValueError):
            if sent:
                self.unknown.append(ident)
            else:
                self.refused["lost connection"] += 1
            raise

    def state(self):
        return dict(acked=len(self.acked), unknown=len(self.unknown), refused=dict(self.refused),
                    running=not all(c.done() for c in self.clients))

    def result(self):
        elapsed = (self.ended or self.begun) - self.begun
        return dict(self.state(), ids=self.acked, unknown_ids=self.unknown, elapsed=elapsed, seconds=self.seconds)


async def reply(reader):
    while True:
        line = await reader.readuntil(b"\n")
        if line[3:4] != b"-":
            return int(line[:3])


class Clients:

    run = None

    async def answer(self, question):
        do = question.pop("do")
        if do == "start":
            self.run = Run(**question)
            return {}
        if do == "await":
            await asyncio.wait(self.run.clients, timeout=question["seconds"])
        if do == "stop":
            self.run.stopping = True
            await asyncio.wait(self.run.clients, timeout=question["seconds"])
            for client in self.run.clients:
                client.cancel()
            await asyncio.wait(self.run.clients)
        return self.run.result() if do in ("stop", "result") else self.run.state()

if __name__ == "__main__":
    asyncio.run(child.serve(Clients().answer))
