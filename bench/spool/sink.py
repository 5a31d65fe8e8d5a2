"""A mail server that remembers the ids of what it took, and whose moods can be changed while it runs.

Moods: up; away (connections are refused); mute (accepts a connection, never says a word); hang (greets, then answers
nothing); noread (reads no more once it has said 354); 421 (says so instead of a greeting, and to MAIL); 450 (to RCPT);
550 and 554... (any other code: to the final dot); drop (hangs up after the final dot, and forgets the mail); slow.
"""
import asyncio
import socket
import ssl
import sys

from spool import child, mails

EHLO = b"250-%s\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"


class Server:

    def __init__(self, name, port, certificate=None):
        """A certificate and its key, in one file, are offered to whoever says STARTTLS."""
        self.name, self.port, self.mood, self.listener, self.tls = name, port, "up", None, None
        if certificate:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(certificate)
        self.connections, self.ids, self.mangled, self.wanted = set(), {}, [], set()
        self.place = self.take_place()

    def take_place(self):
        """A bound socket that does not listen refuses connections, and nobody else can have the port."""
        place = socket.socket()
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", self.port))
        return place

    async def set_mood(self, mood):
        stuck = [c for c in self.connections if c.stuck]
        self.mood = mood
        if mood == "away":
            if self.listener:
                self.listener.close()
                self.listener = None
                self.place = self.take_place()
            stuck = list(self.connections)
        elif not self.listener:
            self.listener = await asyncio.get_running_loop().create_server(
                lambda: Connection(self), sock=self.place, backlog=500)
        for connection in stuck:
            connection.transport.abort()

    def took(self, ident, octets):
        expected = mails.content(ident)
        if not octets.endswith(expected) or octets.count(b"\r\n", 0, len(octets) - len(expected)) > 8:
            self.mangled.append(ident)
        self.ids[ident] = self.ids.get(ident, 0) + 1
        self.wanted.discard(ident)

    async def answer(self, question):
        do = question["do"]
        if do == "mood":
            await self.set_mood(question["mood"])
        elif do == "want":
            self.wanted = set(question["ids"]) - self.ids.keys()
        elif do == "ids":
            return dict(ids=self.ids, mangled=self.mangled)
        return dict(ids=len(self.ids), arrivals=sum(self.ids.values()), missing=len(self.wanted), connections=len(self.connections))


class Connection(asyncio.Protocol):

    def __init__(self, server):
        self.server, self.buffer, self.in_content, self.stuck = server, bytearray(), False, False
        self.recipient, self.securing = None, False

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self)
        if self.server.mood == "mute":
            self.stuck = True
        elif self.server.mood == "421":
            self.end(b"421 4.3.2 not now")
        else:
            self.say(b"220 %s ESMTP" % self.server.name.encode())

    def connection_lost(self, failure):
        self.server.connections.discard(self)

    def say(self, line):
        self.transport.write(line + b"\r\n")

    def end(self, line):
        self.say(line)
        self.transport.close()

    def data_received(self, data):
        start = max(0, len(self.buffer) - 4)
        self.buffer += data
        while not self.stuck and not self.securing and not self.transport.is_closing():
            if self.server.mood in ("hang", "mute"):
                self.stuck = True
            elif self.in_content:
                end = self.buffer.find(b"\r\n.\r\n", start)
                if end < 0:
                    return
                octets = bytes(self.buffer[:end + 2])
                del self.buffer[:end + 5]
                self.in_content = False
                self.content(mails.unstuff(octets))
            else:
                end = self.buffer.find(b"\r\n")
                if end < 0:
                    return
                line = bytes(self.buffer[:end])
                del self.buffer[:end + 2]
                self.command(line)
            start = 0

    def command(self, line):
        verb, mood = line[:4].upper(), self.server.mood
        if verb == b"EHLO":
            offer = b"250-STARTTLS\r\n" if self.server.tls and not self.transport.get_extra_info("ssl_object") else b""
            self.transport.write(EHLO.replace(b"250-PIPELINING", offer + b"250-PIPELINING") % self.server.name.encode())
        elif verb == b"STARTTLS"[:4] and self.server.tls:
            self.say(b"220 2.0.0 go")
            self.securing = True
            self.transport.pause_reading()
            asyncio.ensure_future(self.secure())
        elif verb == b"MAIL":
            self.end(b"421 4.3.2 not now") if mood == "421" else self.say(b"250 2.1.0 ok")
        elif verb == b"RCPT":
            if mood == "450":
                self.say(b"450 4.2.1 not this one now")
            else:
                self.recipient = line[line.index(b"<") + 1:line.index(b"@")].decode()
                self.say(b"250 2.1.5 ok")
        elif verb == b"DATA":
            if self.recipient is None:
                self.say(b"503 5.5.1 RCPT first")
                return
            self.say(b"354 go")
            self.in_content = True
            if mood == "noread":
                self.stuck = True
                self.transport.pause_reading()
        elif verb == b"QUIT":
            self.end(b"221 2.0.0 bye")
        elif verb in (b"RSET", b"NOOP"):
            self.recipient = None
            self.say(b"250 2.0.0 ok")
        else:
            self.say(b"502 5.5.2 unknown")

    async def secure(self):
        try:
            self.transport = await asyncio.get_running_loop().start_tls(self.transport, self, self.server.tls, server_side=True)
        except OSError:
            self.transport.abort()
        # What came together with the end of the handshake.
        self.securing = False
        self.data_received(b"")

    def content(self, octets):
        ident, self.recipient, mood = self.recipient, None, self.server.mood
        if mood == "drop":
            self.transport.abort()
        elif mood == "slow":
            asyncio.get_running_loop().call_later(0.3, self.take, ident, octets)
        elif mood[0] == "5":
            self.say(b"%s 5.7.1 not this one" % mood.encode())
        else:
            self.take(ident, octets)

    def take(self, ident, octets):
        if not self.transport.is_closing():
            self.server.took(ident, octets)
            self.say(b"250 2.0.0 ok taken")


async def main(name, port, certificate=None):
    server = Server(name, int(port), certificate)
    await server.set_mood("up")
    await child.serve(server.answer)

if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
